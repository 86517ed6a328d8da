import { expect, it } from 'vitest';
import type { Calibration } from '../../src/result/records/calibration.ts';
import { runCli } from '../support/cli/cli.ts';

// What a shared machine can generate is the machine's affair: that it is measured, and told whole, is ours.
it('tells the floor, and for each number of workers the rates that it tried', async () => {
  const { code, stdout, stderr } = await runCli(['calibrate', '--quick', '--json'], '.');
  expect(stderr).toContain('started a server on this machine that answers at once');
  const calibration: Calibration = JSON.parse(stdout);
  const { floor, ceilings, highestPerSecond } = calibration;
  expect(code).toBe(highestPerSecond === null ? 111 : 0);
  expect(floor?.latency.count).toBe(400);
  // Of each attempt the two together: never less than either alone.
  expect(floor?.latency.p99Us).toBeGreaterThanOrEqual(floor?.serviceTime.p99Us ?? Number.NaN);
  expect(ceilings.length).toBeGreaterThan(0);
  for (const { tries, sustainedPerSecond, cpuPerConnectUs } of ceilings) {
    expect(tries.length).toBeGreaterThan(0);
    const sustained = tries.filter((one) => one.sustained).map((one) => one.ratePerSecond);
    expect(sustainedPerSecond).toBe(sustained.at(-1) ?? null);
    if (sustainedPerSecond !== null) expect(cpuPerConnectUs).toBeGreaterThan(1);
  }
});
