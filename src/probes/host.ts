import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { HostSample } from '../result/samples.ts';
import { parseSchedstat } from './own-process.ts';
import {
  listCpuStatPaths,
  parseAcceptDepth,
  parseAcceptLimit,
  parseCpuTotals,
  parseListenCounters,
  parsePressureUs,
  parseReapedUs,
  parseThrottledUs,
} from './proc-host.ts';

/** Rows that listen come first: no more of a table that may have ten thousands of rows. */
const TABLE_BYTES = 16_384;
const SS_TIMEOUT_MS = 1000;

/** What a sample tells, but for when. */
export type HostFigures = Omit<HostSample, 'type' | 'probe' | 'atUs' | 'elapsedUs'>;

/** Counters as they stand. */
interface Totals {
  cpu: ReturnType<typeof parseCpuTotals>;
  postmaster: ReturnType<typeof parseSchedstat>;
  reapedUs: number | undefined;
  listen: ReturnType<typeof parseListenCounters>;
  pressureUs: number | undefined;
  throttledUs: number | undefined;
}

/** The host of a server on this machine: its postmaster and what it competes with. Linux alone. */
export class HostProbe {
  readonly #pid: number;
  readonly #port: number;
  readonly #limit: number | undefined;
  readonly #cpuStatPath: string | undefined;
  #before: Totals;

  /**
   * `port`: where the postmaster listens. Throws an Error with the reason where the system does not tell of that process.
   */
  constructor(pid: number, port: number) {
    this.#pid = pid;
    this.#port = port;
    this.#limit = readAcceptLimit(port);
    this.#cpuStatPath = listCpuStatPaths(readText(`/proc/${pid}/cgroup`)).find(
      (path) => parseThrottledUs(readText(path)) !== undefined,
    );
    this.#before = this.#read();
    if (this.#before.postmaster === undefined) {
      throw new Error(`/proc/${pid}/schedstat does not tell of the postmaster`);
    }
  }

  /** Since the sample before; undefined where the postmaster is gone. */
  sample(): HostFigures | undefined {
    const before = this.#before;
    const now = this.#read();
    if (now.postmaster === undefined) return undefined;
    this.#before = now;
    const depth = this.#readDepth();
    return {
      ...difference('cpu', before.cpu, now.cpu),
      ...(before.postmaster === undefined
        ? {}
        : {
            postmaster: {
              onCpuUs: now.postmaster.cpuUs - before.postmaster.cpuUs,
              waitUs: now.postmaster.cpuWaitUs - before.postmaster.cpuWaitUs,
            },
          }),
      ...growth('reapedUs', before.reapedUs, now.reapedUs),
      ...growth('pressureUs', before.pressureUs, now.pressureUs),
      ...growth('throttledUs', before.throttledUs, now.throttledUs),
      ...growth('listenOverflows', before.listen?.listenOverflows, now.listen?.listenOverflows),
      ...growth('listenDrops', before.listen?.listenDrops, now.listen?.listenDrops),
      ...(depth === undefined
        ? {}
        : { acceptQueue: { depth, ...(this.#limit === undefined ? {} : { limit: this.#limit }) } }),
    };
  }

  #read(): Totals {
    const pid = this.#pid;
    return {
      cpu: parseCpuTotals(readText('/proc/stat')),
      postmaster: parseSchedstat(readText(`/proc/${pid}/schedstat`)),
      reapedUs: parseReapedUs(readText(`/proc/${pid}/stat`)),
      listen: parseListenCounters(readText(`/proc/${pid}/net/netstat`)),
      pressureUs: parsePressureUs(readText('/proc/pressure/cpu')),
      throttledUs:
        this.#cpuStatPath === undefined ? undefined : parseThrottledUs(readText(this.#cpuStatPath)),
    };
  }

  /** In the postmaster's own network namespace, so that containers are seen too. */
  #readDepth(): number | undefined {
    const depths = ['tcp', 'tcp6'].flatMap(
      (table) => parseAcceptDepth(readHead(`/proc/${this.#pid}/net/${table}`), this.#port) ?? [],
    );
    return depths.length === 0 ? undefined : Math.max(...depths);
  }
}

function difference<Name extends string, Counters extends object>(
  name: Name,
  before: Counters | undefined,
  now: Counters | undefined,
): { [key in Name]?: Counters } {
  if (before === undefined || now === undefined) return {};
  const old = before as Record<string, number>;
  const entries = Object.entries(now as Record<string, number>);
  const grown = Object.fromEntries(entries.map(([key, value]) => [key, value - (old[key] ?? 0)]));
  return { [name]: grown } as { [key in Name]?: Counters };
}

function growth<Name extends string>(
  name: Name,
  before: number | undefined,
  now: number | undefined,
): { [key in Name]?: number } {
  if (before === undefined || now === undefined) return {};
  return { [name]: now - before } as { [key in Name]?: number };
}

/** The kernel tells it over netlink alone; ss asks there. undefined without ss. */
function readAcceptLimit(port: number): number | undefined {
  try {
    const options = { encoding: 'utf8', timeout: SS_TIMEOUT_MS, stdio: 'pipe' } as const;
    return parseAcceptLimit(execFileSync('ss', ['-lntH'], options), port);
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readHead(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(TABLE_BYTES);
      return buffer.toString('latin1', 0, readSync(fd, buffer, 0, TABLE_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
