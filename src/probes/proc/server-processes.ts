import { parseSchedstat } from './own-process.ts';
import { TITLE } from './postmaster.ts';
import { readText } from './proc-text.ts';

/** If there are more processes than this, their CPU time is never read. */
const MOST_LOOKED_INTO = 1000;
/** Reading one process takes 10 to 50 us. 200 processes, three times a second, take at most 3 % of a CPU. */
const LOOKED_INTO_EACH_TIME = 200;

/** The living processes that a postmaster has started. */
export class ServerProcesses {
  readonly #pid: number;
  /** Processes that were there before the storm and belong to no client: checkpointer, writers, launchers. */
  readonly #own: ReadonlySet<number>;

  constructor(pid: number) {
    this.#pid = pid;
    const now = this.list() ?? [];
    const looked = now.slice(0, MOST_LOOKED_INTO);
    this.#own = new Set(looked.filter((it) => isServersOwn(readText(`/proc/${it}/cmdline`))));
  }

  /**
   * Returns the postmaster's children; undefined where the kernel does not list them (CONFIG_PROC_CHILDREN). A running
   * postmaster always has children.
   */
  list(): number[] | undefined {
    return parseChildren(readText(`/proc/${this.#pid}/task/${this.#pid}/children`));
  }

  /** Returns how many of the listed processes are clients', including those that are being started. */
  countBackends(pids: readonly number[]): number {
    return pids.filter((pid) => !this.#own.has(pid)).length;
  }

  /**
   * Returns the CPU time of the listed processes since each was started; undefined if they are too many. Processes that
   * have ended are not included. schedstat counts nanoseconds; stat counts ticks of 10 ms, and most backends take less
   * than one tick.
   */
  sumCpuUs(pids: readonly number[]): number | undefined {
    if (pids.length > MOST_LOOKED_INTO) return undefined;
    return pids.reduce((sum, pid) => {
      return sum + (parseSchedstat(readText(`/proc/${pid}/schedstat`))?.cpuUs ?? 0);
    }, 0);
  }
}

/** Returns whether `count` processes should be read again, `times` samples after the last time. */
export function isDue(count: number, times: number): boolean {
  return times * LOOKED_INTO_EACH_TIME >= count;
}

/**
 * Returns whether a title is of a process that the server keeps for itself. The title of a client's process names where
 * the client comes from: `host(port)` or `[local]`. A process that has no title yet may be a client's.
 */
export function isServersOwn(title: string): boolean {
  if (!title.startsWith(TITLE)) return false;
  return / walsender /.test(title) || !/ (?:\S+\(\d+\)|\[local\])/.test(title);
}

/** Parses /proc/PID/task/TID/children: numbers, with a space after each. Returns undefined if there are none. */
export function parseChildren(children: string): number[] | undefined {
  const pids = children.match(/\d+/g)?.map(Number);
  return pids === undefined || pids.length === 0 ? undefined : pids;
}
