import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { checkAccounting } from '../../src/model/accounting.ts';
import { Histogram } from '../../src/model/histogram.ts';
import { VirtualLoad } from '../support/virtual/virtual-load.ts';

const ARRIVALS = 3_600_000;

it('a simulated hour at 1,000/s is the sum of its seconds, and its memory stays flat', {
  timeout: 600_000,
}, () => {
  const load = {
    executor: 'constant-arrival-rate',
    rate: 1000,
    duration: '1h',
    arrivals: 'poisson',
  };
  const known = new Histogram();
  const server = (_: unknown, serial: number) => {
    // Ends that differ by the second, too.
    const readyUs = 500 + ((serial * 7919) % 40_009);
    known.record(readyUs);
    return { ready: readyUs };
  };
  const run = new VirtualLoad({ load }, { server });
  run.keepsAttempts = false;
  const summed = new Histogram();
  let seconds = 0;
  run.onInterval = ({ steps }) => {
    seconds++;
    for (const { histograms } of steps) {
      if (histograms.latency !== undefined) summed.add(Histogram.decode(histograms.latency));
    }
  };
  const heaps: number[] = [];
  for (const minute of [10, 30, 50]) {
    run.time.at(minute * 60_000_000, () => heaps.push(measureHeapBytes()));
  }
  run.run();
  const { accounting, connections } = run.recorder.accounting();
  expect(accounting).toMatchObject({ due: ARRIVALS, begun: ARRIVALS, ok: ARRIVALS });
  expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  expect(seconds).toBe(3_601);
  const { data: _, ...figures } = known.encode();
  expect(summed.encode()).toMatchObject(figures);
  const ranks = Array.from({ length: 1_000 }, (_, i) => Math.round((i * ARRIVALS) / 999));
  expect(ranks.map((rank) => summed.valueAtRank(rank))).toEqual(
    ranks.map((rank) => known.valueAtRank(rank)),
  );
  const [first = 0, , last = 0] = heaps;
  // 2.4 million attempts later: a byte kept of each would be more than this.
  expect(last - first).toBeLessThan(2_000_000);
});

/** After everything has gone that nobody refers to. */
function measureHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}
