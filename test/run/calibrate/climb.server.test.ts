import { expect, it } from 'vitest';
import { startInstantServer } from '../../../src/lab/instant/instant.ts';
import { climb } from '../../../src/run/calibrate/calibration-storm.ts';

/** Two stairs of what test/commands/calibrate.real.test.ts measures whole. */

it('each stair is a step of its own, with the CPU time that it took', async ({
  onTestFinished,
}) => {
  const server = await startInstantServer();
  onTestFinished(() => server.stop());
  const stairs = [
    { ratePerSecond: 40, seconds: 0.5 },
    { ratePerSecond: 80, seconds: 0.5 },
  ];
  const never = new AbortController().signal;
  const { summary, cpuUs } = await climb(
    server.port,
    { stairs, workers: 1, hasEnough: () => false },
    never,
  );
  expect(summary.accounting).toMatchObject({ due: 60, ok: 60 });
  expect(summary.steps.map(({ latency }) => latency?.count)).toEqual([20, 40]);
  expect(summary.steps.map(({ startRatePerSecond }) => startRatePerSecond)).toEqual([40, 80]);
  // The last one's is there where the last connect has not ended before it.
  expect(cpuUs[0]).toBeGreaterThan(0);
});

it('ends where enough is known', async ({ onTestFinished }) => {
  const server = await startInstantServer();
  onTestFinished(() => server.stop());
  const stairs = [
    { ratePerSecond: 20, seconds: 1 },
    { ratePerSecond: 20, seconds: 60 },
  ];
  const never = new AbortController().signal;
  const { summary } = await climb(
    server.port,
    { stairs, workers: 1, hasEnough: (steps) => steps.length > 0 },
    never,
  );
  expect(summary).toMatchObject({ stoppedBy: 'condition', reason: 'enough is known' });
  expect(summary.accounting.due).toBeLessThan(20 * 61);
});
