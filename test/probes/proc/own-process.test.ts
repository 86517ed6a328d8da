import { expect, it } from 'vitest';
import {
  countBeyond,
  countDescriptors,
  parseHostCpu,
  parseSchedstat,
  parseSockstat,
  readThreadTimes,
} from '../../../src/probes/proc/own-process.ts';

const onLinux = process.platform === 'linux';

it.each([
  // user 10, nice 20, system 30, idle 40, iowait 50, irq 1, softirq 2, steal 4, guest 5
  ['cpu  10 20 30 40 50 1 2 4 5 0\ncpu0 1 1 1 1\n', { busyUs: 630_000, stolenUs: 40_000 }],
  ['cpu  10 20 30 40\n', { busyUs: 600_000, stolenUs: 0 }],
  ['', undefined],
  ['cpu0 1 2 3 4\n', undefined],
])('reads the CPU time of the host from %j', (stat, expected) => {
  expect(parseHostCpu(stat)).toEqual(expected);
});

it.each([
  ['5880668 9248395 24\n', { cpuUs: 5881, cpuWaitUs: 9248 }],
  // A kernel without the account says nothing but noughts.
  ['0 0 0\n', undefined],
  ['', undefined],
])('reads the times of a thread from %j', (schedstat, expected) => {
  expect(parseSchedstat(schedstat)).toEqual(expected);
});

const SOCKSTAT =
  'sockets: used 747\nTCP: inuse 701 orphan 3 tw 587 alloc 731 mem 356\nUDP: inuse 0\n';

it.each([
  [SOCKSTAT, 'TCP6: inuse 9\nUDP6: inuse 1\n', { inUse: 710, timeWait: 587 }],
  [SOCKSTAT, '', { inUse: 701, timeWait: 587 }],
  ['', '', undefined],
])('counts TCP sockets of both families', (sockstat, sockstat6, expected) => {
  expect(parseSockstat(sockstat, sockstat6)).toEqual(expected);
});

it.runIf(onLinux)('finds the times of its own main thread', () => {
  // Vitest may run this in another thread: the main one has run nevertheless.
  expect(readThreadTimes(process.pid)?.cpuUs).toBeGreaterThan(0);
});

it.runIf(onLinux)('counts open descriptors', () => {
  expect(countDescriptors()).toBeGreaterThan(3);
});

it('tells apart the descriptors that take none of the room that a limit leaves', () => {
  // 139 is the highest that may be opened under a limit of 140.
  expect(countBeyond(['0', '1', '139', '140', '200'], 140)).toBe(2);
  expect(countBeyond(['0', '1', '200'], null)).toBe(0);
});
