import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listBuiltIns } from '../../../src/scenario/file/built-ins.ts';
import { readScenario } from '../../../src/scenario/file/read.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeScenario(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const NAMES = listBuiltIns()
  .map(({ name }) => name)
  .join(', ');

const SOUND = 'shows: a\nload: { executor: constant-arrival-rate, rate: 5, duration: 10s }\n';

describe('built-in scenarios', () => {
  it('are found by name', () => {
    const { name, path, variants } = readScenario('steady');
    expect(name).toBe('steady');
    expect(isAbsolute(path)).toBe(true);
    expect(variants[0].scenario.load).toMatchObject({
      executor: 'constant-arrival-rate',
      rate: 50,
      duration: '10s',
    });
  });

  it.each(listBuiltIns())('$name is sound and can be planned', ({ name }) => {
    for (const { scenario } of readScenario(name).variants) {
      const { arrivalCount, clientCount, search } = planRun(scenario);
      const isPlanned = (arrivalCount ?? 0) + (clientCount ?? 0) > 0;
      expect(isPlanned).toBe(search === undefined);
    }
  });

  it('have a quick start that ramps for 25 s past what a small machine serves', () => {
    const plan = planRun(readScenario('quickstart').variants[0].scenario);
    expect(plan.durationUs).toBe(25_000_000);
    expect(plan.blocks).toMatchObject([{ pace: { schedule: { spacing: 'poisson' } } }]);
    expect(plan.steps).toHaveLength(5);
    expect(plan.peakRatePerSecond).toBe(900);
  });

  it('take overrides', () => {
    const override = { path: 'load.rate', value: '7', source: '--rate 7' };
    expect(readScenario('steady', [override]).variants[0].scenario.load).toMatchObject({ rate: 7 });
  });
});

describe('scenario files', () => {
  it('are named after the file', () => {
    const path = writeScenario('mine.v2.yaml', SOUND);
    expect(readScenario(path)).toMatchObject({ name: 'mine.v2', path });
  });

  it('tell problems by the path as it was given', () => {
    const path = writeScenario('bad.yaml', SOUND.replace('rate: 5', 'rate: 0'));
    expect(() => readScenario(path)).toThrow(`${path}:2:48 load.rate must be above 0, got 0`);
  });

  it.each([
    [
      'stedy',
      `no scenario \`stedy\`: neither a file nor built in (${NAMES}); did you mean \`steady\`?`,
    ],
    ['no/such.yaml', `no scenario \`no/such.yaml\`: neither a file nor built in (${NAMES})`],
  ])('%s that is not there is told with what there is', (name, message) => {
    expect(() => readScenario(name)).toThrow(
      expect.objectContaining({ code: 'SCENARIO_NOT_FOUND', message }),
    );
  });

  it.each([
    ['a folder', () => folder, 'is a folder: name a scenario file in it'],
    ['a device', () => '/dev/null', 'is a device or a socket, not a file: name a scenario file'],
    [
      'a huge file',
      () => writeScenario('huge.yaml', '#'.repeat(300_000)),
      'is too large for a scenario: 300000 bytes, at most 65536',
    ],
    [
      'a binary file',
      () => writeScenario('binary.yaml', Uint8Array.of(0xff, 0xfe, 0x80)),
      'is not UTF-8 text',
    ],
  ])('%s is refused', (_kind, make, reason) => {
    const path = make();
    expect(() => readScenario(path)).toThrow(
      expect.objectContaining({
        code: 'SCENARIO_UNREADABLE',
        exit: 'usage',
        message: `${path} ${reason}`,
      }),
    );
  });
});
