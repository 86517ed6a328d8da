import { readdirSync, statSync } from 'node:fs';
import { readDescriptorLimit } from './descriptor-limit.ts';
import { parseCpuTotals } from './proc-host.ts';
import { readText } from './proc-text.ts';

/**
 * Readers of what Linux shows of this process and of its machine. Each read is cheap; each returns undefined where
 * Linux does not show it.
 */

/** Totals since the machine's start, over all CPUs. */
export interface HostCpu {
  busyUs: number;
  /** CPU time that the hypervisor gave to other guests. */
  stolenUs: number;
}

/**
 * Reads the first line of /proc/stat only: os.cpus() also reads the frequency of every CPU, which takes milliseconds.
 */
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
  /** Time in the run queue: ready to run, without a CPU. */
  cpuWaitUs: number;
}

/** Reads one thread's times. `threadId`: the system's number of the thread; the main thread's is the process's. */
export function readThreadTimes(threadId: number): ThreadTimes | undefined {
  return parseSchedstat(readText(`/proc/self/task/${threadId}/schedstat`));
}

/**
 * Parses a schedstat file: nanoseconds on a CPU, nanoseconds in a run queue, time slices. Returns undefined if the
 * first is 0, as in a kernel that was built without these figures.
 */
export function parseSchedstat(schedstat: string): ThreadTimes | undefined {
  const [ranNs, waitedNs] = schedstat.trim().split(' ').map(Number);
  if (!ranNs || waitedNs === undefined || Number.isNaN(waitedNs)) return undefined;
  return { cpuUs: Math.round(ranNs / 1000), cpuWaitUs: Math.round(waitedNs / 1000) };
}

const DESCRIPTORS = '/proc/self/fd';

/**
 * Returns how many of the descriptors that the limit allows are open; undefined if that cannot be read. Descriptors that
 * were inherited with numbers beyond the limit (from a shell that lowered it by `ulimit -n`) use none of it. Since Linux
 * 6.2 the size of the folder is the number of descriptors. Before, the folder must be listed, and the list includes the
 * descriptor that lists it.
 */
export function countDescriptors(): number | undefined {
  try {
    beyondLimit ??= countBeyond(readdirSync(DESCRIPTORS), readDescriptorLimit());
    return (statSync(DESCRIPTORS).size || readdirSync(DESCRIPTORS).length - 1) - beyondLimit;
  } catch {
    return undefined;
  }
}

/** Descriptors beyond the limit. None is opened with such a number later. undefined: not yet counted. */
let beyondLimit: number | undefined;

/** Returns how many of the descriptor numbers are beyond the limit. No descriptor can be opened with the limit's number. */
export function countBeyond(numbers: readonly string[], limit: number | null): number {
  return limit === null ? 0 : numbers.filter((number) => Number(number) >= limit).length;
}

export interface TcpSockets {
  inUse: number;
  timeWait: number;
}

/** Returns the sockets of the whole network namespace, of all its processes. */
export function readTcpSockets(): TcpSockets | undefined {
  return parseSockstat(readText('/proc/net/sockstat'), readText('/proc/net/sockstat6'));
}

/** Parses the numbers of sockets. The first text counts TIME_WAIT sockets of both IPv4 and IPv6. */
export function parseSockstat(sockstat: string, sockstat6: string): TcpSockets | undefined {
  const ipv4 = /^TCP: inuse (\d+) .*\btw (\d+)/m.exec(sockstat);
  if (ipv4 === null) return undefined;
  const ipv6 = /^TCP6: inuse (\d+)/m.exec(sockstat6);
  return { inUse: Number(ipv4[1]) + Number(ipv6?.[1] ?? 0), timeWait: Number(ipv4[2]) };
}
