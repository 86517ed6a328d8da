import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CpuLog, readCpu } from './cpu-log.js';

it('tells what was used between two moments, the time between readings by shares', () => {
  const log = new CpuLog();
  log.add({ atMs: 1000, userUs: 10_000, kernelUs: 0 });
  log.add({ atMs: 1100, userUs: 30_000, kernelUs: 10_000 });
  log.add({ atMs: 1200, userUs: 90_000, kernelUs: 20_000 });
  expect(log.between(1000.0001, 1200).cpuUs).toBeCloseTo(100_000, -1);
  expect(log.between(1050, 1150)).toEqual({ cpuUs: 50_000, kernelUs: 10_000 });
});

it.each([
  [999, 1100],
  [1050, 1201],
])('tells nothing from %d to %d, which it did not see', (fromMs, toMs) => {
  const log = new CpuLog();
  log.add({ atMs: 1000, userUs: 0, kernelUs: 0 });
  log.add({ atMs: 1200, userUs: 1, kernelUs: 1 });
  expect(() => log.between(fromMs, toMs)).toThrow('not read for as long');
});

it('reads what a process says of itself', async ({ skip }) => {
  skip(process.platform !== 'linux', 'without /proc');
  const burn = `while (process.cpuUsage().user < 500_000);
    process.on('message', () => process.exit());
    process.send(process.cpuUsage());`;
  const child = spawn(process.execPath, ['-e', burn], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ user, system }] = await once(child, 'message');
  const reading = readCpu(child.pid ?? 0);
  child.send('exit');
  await once(child, 'exit');
  const usedUs = (reading?.userUs ?? 0) + (reading?.kernelUs ?? 0);
  // Ticks of user and of system time are cut off, each; sending took a little.
  expect(usedUs).toBeGreaterThanOrEqual(user + system - 20_000);
  expect(usedUs).toBeLessThan(user + system + 200_000);
});

it('reads nothing of a process that is not there', () => {
  expect(readCpu(2 ** 22 + 1)).toBeNull();
});
