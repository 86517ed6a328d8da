import { expect, it } from 'vitest';
import { WatchFold } from '../../../src/analysis/watch.ts';
import { describeWatch } from '../../../src/report/run/watch.ts';

it('tells what canary and witness saw, with their limits', () => {
  const fold = new WatchFold();
  expect(describeWatch(fold.summarise(), {})).toEqual([]);
  fold.add({
    type: 'watch',
    atUs: 1_000_000,
    canary: { answered: 9, meanUs: 2000, maxUs: 4000 },
    witness: { connected: 1, failed: 0, maxUs: 30_000 },
  });
  fold.add({
    type: 'watch',
    atUs: 2_000_000,
    canary: { answered: 1, meanUs: 12_000, maxUs: 12_000, waitingUs: 900_000 },
    witness: { connected: 0, failed: 1, maxUs: 70_000 },
  });
  const limits = { watch: { canaryUs: 2_000_000, witnessUs: 5_000_000 } };
  expect(describeWatch(fold.summarise(), limits)).toEqual([
    'kill switch: the canary got 10 answers (mean 3.00 ms, longest 900 ms, limit 2 s)',
    'kill switch: the witness opened 1 new connection, and 1 attempt failed (longest 70.0 ms, limit 5 s)',
  ]);
});

it('says that the witness waited, where its first connection did not end within the run', () => {
  const fold = new WatchFold();
  fold.add({
    type: 'watch',
    atUs: 1_000_000,
    canary: { answered: 9, meanUs: 2000, maxUs: 4000 },
    witness: { connected: 0, failed: 0, maxUs: null, waitingUs: 740_000 },
  });
  expect(describeWatch(fold.summarise(), {})[1]).toBe(
    'kill switch: the witness had waited 740 ms for its first new connection when the run ended',
  );
});

it.each([
  [{ answered: 0, meanUs: null, maxUs: null }, 'the run was too short for a query of the canary'],
  [
    { answered: 0, meanUs: null, maxUs: null, waitingUs: 400_000 },
    'the canary had waited 400 ms for its first answer when the run ended',
  ],
  [
    { answered: 1, meanUs: 2000, maxUs: 2000 },
    'the canary got 1 answer (mean 2.00 ms, longest 2.00 ms)',
  ],
])('prints nothing of a canary that was not measured: %o', (canary, line) => {
  const fold = new WatchFold();
  const witness = { connected: 0, failed: 0, maxUs: null };
  fold.add({ type: 'watch', atUs: 1_000_000, canary, witness });
  expect(describeWatch(fold.summarise(), {})[0]).toBe(`kill switch: ${line}`);
});
