import { expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { requirePgBouncer } from '../../../src/lab/pgbouncer/find-pgbouncer.ts';
import { withRunLabs } from '../../../src/run/place/run-lab.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import { constantRate, observe } from '../../support/run-storm.ts';

it.each([
  ['a variant', { variants: { a: {}, b: { target: 'pooled' } } }],
  ['the scenario', { target: 'pooled' }],
])('where PgBouncer is missing and %s wants it, nothing is started', async (_, wanting) => {
  const notes: string[] = [];
  const scenario = { shows: 'a test', load: constantRate(1, '1s'), ...wanting };
  const file = parseScenario(JSON.stringify(scenario), 'storm.json');
  const running = withRunLabs(
    {
      variants: file.variants,
      postgresBin: undefined,
      stop: new AbortController().signal,
      observer: observe(notes),
      choice: { isDefault: true },
    },
    () => Promise.reject(new Error('it was started')),
    () => requirePgBouncer([]),
  );
  await expect(running).rejects.toThrow(UsageError);
  await expect(running).rejects.toThrow(/^the lab needs a PgBouncer.* --target pooled=URL$/);
  expect(notes).toEqual([]);
});
