import type { HostSample } from '../result/samples.ts';
import { AcceptQueue } from './accept-queue.ts';
import { parseSchedstat, type ThreadTimes } from './own-process.ts';
import {
  listCpuStatPaths,
  parseCpuTotals,
  parseLife,
  parseListenCounters,
  parsePressureUs,
  parseReapedUs,
  parseThrottledUs,
} from './proc-host.ts';
import { readText } from './proc-text.ts';
import { ServerProcesses } from './server-processes.ts';

/** What a sample tells, but for when. */
export type HostFigures = Omit<HostSample, 'type' | 'probe' | 'atUs' | 'elapsedUs'>;

const COUNTERS = [
  'reapedUs',
  'serverCpuUs',
  'pressureUs',
  'throttledUs',
  'listenOverflows',
  'listenDrops',
] as const;
type CounterName = (typeof COUNTERS)[number];

/** Counters as they stand. */
interface Totals {
  life: ReturnType<typeof parseLife>;
  postmaster: ThreadTimes | undefined;
  cpu: ReturnType<typeof parseCpuTotals>;
  /** How many there are. */
  backends: number | undefined;
  rest: Partial<Record<CounterName, number | undefined>>;
}

/** The host of a server on this machine: its postmaster and what it competes with. Linux alone. */
export class HostProbe {
  readonly pid: number;
  readonly #queue: AcceptQueue | undefined;
  readonly #cpuStatPath: string | undefined;
  readonly #processes: ServerProcesses;
  #before: Totals;

  /**
   * `port`: where it is reached; null: by a Unix socket, or through a pooler. Throws an Error with the reason where the system
   * does not tell of that process.
   */
  constructor(pid: number, port: number | null) {
    this.pid = pid;
    this.#queue = port === null ? undefined : AcceptQueue.find(pid, port);
    this.#cpuStatPath = listCpuStatPaths(readText(`/proc/${pid}/cgroup`)).find(
      (path) => parseThrottledUs(readText(path)) !== undefined,
    );
    this.#processes = new ServerProcesses(pid);
    this.#before = this.#read();
    if (this.#before.postmaster === undefined) {
      throw new Error(`/proc/${pid}/schedstat does not tell of the postmaster`);
    }
  }

  /** Since the sample before; undefined where the postmaster has ended. */
  sample(): HostFigures | undefined {
    const before = this.#before;
    const now = this.#read();
    if (now.life === 'ended') return undefined;
    this.#before = now;
    const acceptQueue = this.#queue?.read();
    return {
      ...describePostmaster(before, now),
      ...describeCpu(before.cpu, now.cpu),
      ...subtract(now.rest, before.rest),
      ...(now.backends === undefined ? {} : { backends: now.backends }),
      ...(acceptQueue === undefined ? {} : { acceptQueue }),
    };
  }

  /** Clients' processes, now; undefined where the system does not tell. */
  countBackends(): number | undefined {
    const pids = this.#processes.list();
    return pids === undefined ? undefined : this.#processes.countBackends(pids);
  }

  #read(): Totals {
    const process = `/proc/${this.pid}`;
    // Before the stat: who is reaped in between is in that, and not counted twice.
    const pids = this.#processes.list();
    const stat = readText(`${process}/stat`);
    const postmaster = parseSchedstat(readText(`${process}/schedstat`));
    const reapedUs = parseReapedUs(stat);
    const livingUs = pids === undefined ? undefined : this.#processes.sumCpuUs(pids);
    const path = this.#cpuStatPath;
    return {
      life: parseLife(stat),
      postmaster,
      cpu: parseCpuTotals(readText('/proc/stat')),
      backends: pids === undefined ? undefined : this.#processes.countBackends(pids),
      rest: {
        reapedUs,
        serverCpuUs: addKnown([postmaster?.cpuUs, reapedUs, livingUs]),
        pressureUs: parsePressureUs(readText('/proc/pressure/cpu')),
        throttledUs: path === undefined ? undefined : parseThrottledUs(readText(path)),
        ...parseListenCounters(readText(`${process}/net/netstat`)),
      },
    };
  }
}

/** undefined where one of them is not known. */
function addKnown(parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : known.reduce((sum, part) => sum + part, 0);
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

/** Of each counter that was read both times. */
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
