import { expect, it } from 'vitest';
import type { Capacity } from '../../src/result/records/capacity.ts';
import { QUICK_SEARCH } from '../../src/scenario/plan/quick.ts';
import { runStorm } from '../support/run-storm.ts';
import { withLab } from '../support/servers/lab.ts';
import { overlap } from '../support/virtual/repetition-law.ts';

const SEARCHES = 8;
const MOST_EXCLUDING = 2;

/** The load of `--quick`. */
const LOAD = Object.fromEntries([
  ['executor', 'saturation-search'],
  ...QUICK_SEARCH.map(({ path, value }) => [
    path.replace('load.', ''),
    Number.isNaN(Number(value)) ? value : Number(value),
  ]),
]);

it('eight quick searches of the same lab agree but for two pairs of 28 at most', async () => {
  const settings = { max_connections: 1000 };
  const answers: Capacity[] = [];
  await withLab({ settings }, async ({ url }) => {
    for (let turn = 0; turn < SEARCHES; turn++) {
      const { summary } = await runStorm(url, { load: LOAD });
      if (summary.capacity !== null) answers.push(summary.capacity);
    }
  });
  for (const { kind, lowerPerSecond, upperPerSecond, reason } of answers) {
    console.log(`${kind} ${lowerPerSecond?.toFixed(1)}-${upperPerSecond?.toFixed(1)}/s: ${reason}`);
  }
  expect(answers).toHaveLength(SEARCHES);
  const pairs = answers.flatMap((a, at) => answers.slice(at + 1).map((b) => [a, b] as const));
  const excluding = pairs.filter(([a, b]) => !overlap(a, b));
  expect(excluding.length).toBeLessThanOrEqual(MOST_EXCLUDING);
}, 600_000);
