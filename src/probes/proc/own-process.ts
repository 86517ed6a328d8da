import { readdirSync, statSync } from 'node:fs';
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

/** Linux tells the number as the folder's size since 6.2; before, all of it must be listed. */
export function countDescriptors(): number | undefined {
  try {
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
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
