import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { checkAccounting } from '../../src/model/accounting.ts';
import { Histogram } from '../../src/model/histogram.ts';
import { countCases } from '../support/all-cases.ts';
import { VirtualLoad } from '../support/virtual/virtual-load.ts';

const MINUTES = countCases({ some: 10, all: 60 });
const ARRIVALS = MINUTES * 60_000;

it(`${MINUTES} simulated minutes at 1,000/s are the sum of their seconds, and memory stays flat`, {
  timeout: 600_000,
}, () => {
  const load = {
    executor: 'constant-arrival-rate',
    rate: 1000,
    duration: `${MINUTES}m`,
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
  for (const minute of [MINUTES / 6, MINUTES / 2, (5 * MINUTES) / 6]) {
    run.time.at(minute * 60_000_000, () => heaps.push(measureHeapBytes()));
  }
  run.run();
  const { accounting, connections } = run.recorder.accounting();
  expect(accounting).toMatchObject({ due: ARRIVALS, begun: ARRIVALS, ok: ARRIVALS });
  expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  expect(seconds).toBe(60 * MINUTES + 1);
  const { data: _, ...figures } = known.encode();
  expect(summed.encode()).toMatchObject(figures);
  const ranks = Array.from({ length: 1_000 }, (_, i) => Math.round((i * ARRIVALS) / 999));
  expect(ranks.map((rank) => summed.valueAtRank(rank))).toEqual(
    ranks.map((rank) => known.valueAtRank(rank)),
  );
  const [first = 0, , last = 0] = heaps;
  // Two thirds of all attempts later: a byte and a half kept of each would be more than this.
  expect(last - first).toBeLessThan(ARRIVALS);
});

/** After everything has gone that nobody refers to. */
function measureHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}
