import { expect, it } from 'vitest';
import { marginalOf, measureMarginal } from './marginal.js';

const START_US = 700_000;
/** Starts for 0.7 s of CPU, then takes 100 us a connect, 60 of them the kernel's, at 4,000/s. */
const run = (seconds: number) => ({
  connects: 4000 * seconds,
  cpuUs: START_US + 400_000 * seconds,
  kernelUs: 240_000 * seconds,
  elapsedUs: 1e6 * seconds,
});

it('tells what each further connect takes, without what every run does once', async () => {
  const expected = { cpuUsPerConnect: 100, kernelUsPerConnect: 60, ratePerSecond: 4000 };
  expect(marginalOf(run(5), run(15))).toEqual(expected);
  const lengths: number[] = [];
  const measured = await measureMarginal(
    async (length) => {
      lengths.push(length);
      return run(length);
    },
    { short: 5, long: 15 },
  );
  expect(measured).toEqual(expected);
  expect(lengths).toEqual([5, 15]);
});

it.each([
  ['no more connects', { connects: 20_000 }],
  ['no more CPU', { cpuUs: 1000 }],
  ['no more time', { elapsedUs: 1000 }],
  ['an unknown count', { connects: Number.NaN }],
])('tells nothing of a longer run with %s', (_, fault) => {
  expect(() => marginalOf(run(5), { ...run(15), ...fault })).toThrow(
    /the longer run must do and take more .* after 20000 connects, 2700000 us of CPU/,
  );
});
