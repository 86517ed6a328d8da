import { readdirSync, statSync } from 'node:fs';
import { readDescriptorLimit } from './descriptor-limit.ts';
import { parseCpuTotals } from './proc-host.ts';
import { readText } from './proc-text.ts';

/** What Linux tells of this process and of the machine it sees, each a cheap look; undefined where it does not tell. */

/** Totals since the start, of all CPUs. */
export interface HostCpu {
  busyUs: number;
  /** What the hypervisor gave to others. */
  stolenUs: number;
}

/** The first line alone: os.cpus() reads every CPU's frequency beside, which takes milliseconds. */
export function readHostCpu(): HostCpu | undefined {
  return parseHostCpu(readText('/proc/stat'));
}

export function parseHostCpu(stat: string): HostCpu | undefined {
  const totals = parseCpuTotals(stat);
  if (totals === undefined) return undefined;
  const { totalUs, idleUs, stolenUs } = totals;
  return { busyUs: totalUs - idleUs - stolenUs, stolenUs };
}

/** Totals of one thread since its start. */
export interface ThreadTimes {
  cpuUs: number;
  /** Ready to run, and no CPU for it: the run queue. */
  cpuWaitUs: number;
}

/** `threadId`: as the system numbers it; that of the main thread is the process's. */
export function readThreadTimes(threadId: number): ThreadTimes | undefined {
  return parseSchedstat(readText(`/proc/self/task/${threadId}/schedstat`));
}

/** sched-stats: nanoseconds on a CPU, nanoseconds in a run queue, time slices. All 0: the kernel was built without. */
export function parseSchedstat(schedstat: string): ThreadTimes | undefined {
  const [ranNs, waitedNs] = schedstat.trim().split(' ').map(Number);
  if (!ranNs || waitedNs === undefined || Number.isNaN(waitedNs)) return undefined;
  return { cpuUs: Math.round(ranNs / 1000), cpuWaitUs: Math.round(waitedNs / 1000) };
}

const DESCRIPTORS = '/proc/self/fd';

/**
 * How many of the descriptors that the limit allows are open. Those that were inherited with numbers beyond it, as from a shell that
 * lowered it (`ulimit -n`), take none of its room. Linux tells the number as the folder's size since 6.2; before, all of it must be
 * listed, with the descriptor that lists it.
 */
export function countDescriptors(): number | undefined {
  try {
    beyondLimit ??= countBeyond(readdirSync(DESCRIPTORS), readDescriptorLimit());
    return (statSync(DESCRIPTORS).size || readdirSync(DESCRIPTORS).length - 1) - beyondLimit;
  } catch {
    return undefined;
  }
}

/** None is opened with such a number later. undefined: not yet counted. */
let beyondLimit: number | undefined;

/** `numbers`: of descriptors, as the kernel lists them. The limit is the lowest number that none is opened with. */
export function countBeyond(numbers: readonly string[], limit: number | null): number {
  return limit === null ? 0 : numbers.filter((number) => Number(number) >= limit).length;
}

export interface TcpSockets {
  inUse: number;
  timeWait: number;
}

/** Of the network namespace, whoever's they are. */
export function readTcpSockets(): TcpSockets | undefined {
  return parseSockstat(readText('/proc/net/sockstat'), readText('/proc/net/sockstat6'));
}

/** TIME_WAIT of both families stands in the first. */
export function parseSockstat(sockstat: string, sockstat6: string): TcpSockets | undefined {
  const ipv4 = /^TCP: inuse (\d+) .*\btw (\d+)/m.exec(sockstat);
  if (ipv4 === null) return undefined;
  const ipv6 = /^TCP6: inuse (\d+)/m.exec(sockstat6);
  return { inUse: Number(ipv4[1]) + Number(ipv6?.[1] ?? 0), timeWait: Number(ipv4[2]) };
}
