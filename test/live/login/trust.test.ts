import { expect, it } from 'vitest';
import { constantRate, observe, runStorm } from '../../support/run-storm.ts';

const SCENARIO = {
  load: constantRate(10, '500ms'),
  lab: { postgres: { settings: { archive_mode: 'on', archive_command: 'exit 0' } } },
};

it('a scenario whose settings could run a program starts nothing without consent', async () => {
  const notes: string[] = [];
  await expect(runStorm(undefined, SCENARIO, { observer: observe(notes) })).rejects.toMatchObject({
    exit: 'usage',
    code: 'SCENARIO_UNTRUSTED',
    message: expect.stringMatching(
      /^lab\.postgres\.settings\.archive_mode, lab\.postgres\.settings\.archive_command are not known/,
    ),
  });
  expect(notes).toEqual([]);
});

it('and has its way with consent', async () => {
  const { summary } = await runStorm(undefined, SCENARIO, { trustScenario: true });
  expect(summary.accounting).toMatchObject({ due: 5, ok: 5 });
});
