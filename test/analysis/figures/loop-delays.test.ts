import { expect, it } from 'vitest';
import { LoopDelays } from '../../../src/analysis/figures/loop-delays.ts';
import type { GeneratorSample } from '../../../src/result/records/samples.ts';

const SECOND_US = 1_000_000;

function makeSample(atUs: number, ...delays: number[][]): GeneratorSample {
  return {
    type: 'sample',
    probe: 'generator',
    atUs,
    elapsedUs: SECOND_US,
    cpuUs: 0,
    hostBusyUs: 0,
    hostTotalUs: 2 * SECOND_US,
    workers: delays.map((loopDelaysUs, worker) => ({
      worker,
      utilisation: 0,
      loopDelayUs: Math.max(0, ...loopDelaysUs),
      loopDelaysUs,
      arrivals: 0,
      latenessP99Us: null,
      latenessMaxUs: null,
    })),
  };
}

it('takes the delays of all workers that were due within the window', () => {
  const delays = new LoopDelays({ fromUs: SECOND_US, toUs: 2 * SECOND_US });
  // Ten were due before the window, ten within it; of the next sample ten before its end and ten after.
  delays.add(makeSample(1.5 * SECOND_US, [...fill(10, 1), ...fill(10, 2)]));
  delays.add(makeSample(2.5 * SECOND_US, [...fill(10, 3), ...fill(10, 4)], fill(20, 5)));
  const { count, minUs, maxUs, sumUs } = delays.histogram;
  expect({ count, minUs, maxUs, sumUs }).toEqual({ count: 30, minUs: 2, maxUs: 5, sumUs: 100 });
});

it('puts a hold-up to where it was, though only a later sample tells of it', () => {
  const delays = new LoopDelays({ fromUs: 0, toUs: SECOND_US });
  // From 0.5 s to 2.5 s the loop was held up: it was due ten times within the window.
  const held = Array.from({ length: 40 }, (_, missed) => 2 * SECOND_US - missed * 50_000);
  delays.add(makeSample(2.5 * SECOND_US, held));
  expect(delays.histogram.count).toBe(10);
  expect(delays.histogram.minUs).toBe(1.55 * SECOND_US);
});

it('has none of older files, which do not tell', () => {
  const delays = new LoopDelays({ fromUs: 0, toUs: SECOND_US });
  const { workers = [], ...sample } = makeSample(SECOND_US, [7]);
  delays.add({ ...sample, workers: workers.map(({ loopDelaysUs: _, ...old }) => old) });
  expect(delays.histogram.count).toBe(0);
});

function fill(count: number, us: number): number[] {
  return new Array<number>(count).fill(us);
}
