import type { HostSample } from '../../result/records/samples.ts';
import { AcceptQueue } from '../proc/accept-queue.ts';
import { parseSchedstat, type ThreadTimes } from '../proc/own-process.ts';
import {
  listCpuStatPaths,
  parseCpuTotals,
  parseGroupCpuUs,
  parseLife,
  parseListenCounters,
  parsePressureUs,
  parseReapedUs,
  parseThrottledUs,
} from '../proc/proc-host.ts';
import { readText } from '../proc/proc-text.ts';
import { isDue, ServerProcesses } from '../proc/server-processes.ts';

/** The figures of a sample, without its time. */
export type HostFigures = Omit<HostSample, 'type' | 'probe' | 'atUs' | 'elapsedUs'>;

const COUNTERS = [
  'reapedUs',
  'pressureUs',
  'throttledUs',
  'groupCpuUs',
  'listenOverflows',
  'listenDrops',
] as const;
type CounterName = (typeof COUNTERS)[number];

/** The current values of all counters. */
interface Totals {
  life: ReturnType<typeof parseLife>;
  postmaster: ThreadTimes | undefined;
  cpu: ReturnType<typeof parseCpuTotals>;
  /** The postmaster's children; undefined where the system does not list them. */
  pids: readonly number[] | undefined;
  rest: Partial<Record<CounterName, number | undefined>>;
}

/** Samples the host of a server on this machine: the postmaster and what it competes with for CPU. Linux only. */
export class HostProbe {
  readonly pid: number;
  readonly #queue: AcceptQueue | undefined;
  readonly #cpuStatPath: string | undefined;
  /** Whether connstorm is in the server's control group, and so shares its CPU quota. */
  readonly #isSameGroup: boolean;
  readonly #processes: ServerProcesses;
  /** CPU time of all the server's processes at the last sample that reported it; undefined: it cannot be read. */
  #serverCpuUs: number | undefined;
  /** Samples since then. */
  #untold = 0;
  #before: Totals;

  /**
   * `port`: the TCP port where clients reach the server; null: they use a Unix socket or a pooler. Throws an Error with
   * the reason if the system shows no times of that process.
   */
  constructor(pid: number, port: number | null) {
    this.pid = pid;
    this.#queue = port === null ? undefined : AcceptQueue.find(pid, port);
    const cgroup = readText(`/proc/${pid}/cgroup`);
    this.#cpuStatPath = listCpuStatPaths(cgroup).find(
      (path) => parseThrottledUs(readText(path)) !== undefined,
    );
    this.#isSameGroup = readText('/proc/self/cgroup') === cgroup;
    this.#processes = new ServerProcesses(pid);
    this.#before = this.#read();
    this.#serverCpuUs = this.#sumServerCpuUs(this.#before);
    if (this.#before.postmaster === undefined) {
      throw new Error(`/proc/${pid}/schedstat has no times of the postmaster`);
    }
  }

  /**
   * Returns the figures since the previous sample; undefined if the postmaster has ended. `isEdge`: this is the sample
   * before or after the load, which must leave no CPU time for the next one.
   */
  sample(isEdge = false): HostFigures | undefined {
    const before = this.#before;
    const now = this.#read();
    if (now.life === 'ended') return undefined;
    this.#before = now;
    const acceptQueue = this.#queue?.read();
    return {
      ...describePostmaster(before, now),
      ...describeCpu(before.cpu, now.cpu),
      ...subtract(now.rest, before.rest),
      ...this.#describeProcesses(now, isEdge),
      ...(acceptQueue === undefined ? {} : { acceptQueue }),
    };
  }

  /** Returns how many processes of clients there are now; undefined where the system does not show them. */
  countBackends(): number | undefined {
    const pids = this.#processes.list();
    return pids === undefined ? undefined : this.#processes.countBackends(pids);
  }

  #describeProcesses(now: Totals, isEdge: boolean): Pick<HostFigures, 'backends' | 'serverCpuUs'> {
    const { pids } = now;
    if (pids === undefined) return {};
    const backends = this.#processes.countBackends(pids);
    this.#untold++;
    const before = this.#serverCpuUs;
    if (before === undefined || !(isEdge || isDue(pids.length, this.#untold))) return { backends };
    const cpuUs = this.#sumServerCpuUs(now);
    // CPU time from before an edge must not be reported after it.
    if (cpuUs !== undefined || isEdge) this.#serverCpuUs = cpuUs;
    if (cpuUs === undefined) return { backends };
    this.#untold = 0;
    return { backends, serverCpuUs: cpuUs - before };
  }

  #sumServerCpuUs({ postmaster, pids, rest: { reapedUs } }: Totals): number | undefined {
    if (postmaster === undefined || pids === undefined || reapedUs === undefined) return undefined;
    const livingUs = this.#processes.sumCpuUs(pids);
    return livingUs === undefined ? undefined : postmaster.cpuUs + reapedUs + livingUs;
  }

  #read(): Totals {
    const process = `/proc/${this.pid}`;
    // Read before `stat`. A child that is reaped in between is in `stat`, and its own times are gone by then: it counts
    // once.
    const pids = this.#processes.list();
    const stat = readText(`${process}/stat`);
    const path = this.#cpuStatPath;
    const cpuStat = path === undefined ? '' : readText(path);
    return {
      life: parseLife(stat),
      pids,
      postmaster: parseSchedstat(readText(`${process}/schedstat`)),
      cpu: parseCpuTotals(readText('/proc/stat')),
      rest: {
        reapedUs: parseReapedUs(stat),
        pressureUs: parsePressureUs(readText('/proc/pressure/cpu')),
        throttledUs: parseThrottledUs(cpuStat),
        groupCpuUs: this.#isSameGroup ? parseGroupCpuUs(cpuStat) : undefined,
        ...parseListenCounters(readText(`${process}/net/netstat`)),
      },
    };
  }
}

function describePostmaster(before: Totals, now: Totals): Pick<HostFigures, 'postmaster'> {
  if (before.postmaster === undefined || now.postmaster === undefined) return {};
  return {
    postmaster: {
      onCpuUs: now.postmaster.cpuUs - before.postmaster.cpuUs,
      waitUs: now.postmaster.cpuWaitUs - before.postmaster.cpuWaitUs,
      ...(now.life === 'stopped' ? { isStopped: true } : {}),
    },
  };
}

function describeCpu(before: Totals['cpu'], now: Totals['cpu']): Pick<HostFigures, 'cpu'> {
  if (before === undefined || now === undefined) return {};
  return {
    cpu: {
      totalUs: now.totalUs - before.totalUs,
      idleUs: now.idleUs - before.idleUs,
      stolenUs: now.stolenUs - before.stolenUs,
    },
  };
}

/** Returns the growth of each counter that was read both times. */
function subtract(
  now: Totals['rest'],
  before: Totals['rest'],
): Partial<Record<CounterName, number>> {
  const grown: Partial<Record<CounterName, number>> = {};
  for (const name of COUNTERS) {
    const [value, old] = [now[name], before[name]];
    if (value !== undefined && old !== undefined) grown[name] = value - old;
  }
  return grown;
}
