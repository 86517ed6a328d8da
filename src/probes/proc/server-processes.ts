import { parseSchedstat } from './own-process.ts';
import { TITLE } from './postmaster.ts';
import { readText } from './proc-text.ts';

/** More are not looked into, ever. */
const MOST_LOOKED_INTO = 1000;
/** A look at one takes 10 to 50 us: so many are 3 % of a CPU at most, three times a second. */
const LOOKED_INTO_EACH_TIME = 200;

/** The processes that a postmaster has started and that live. */
export class ServerProcesses {
  readonly #pid: number;
  /** There before the storm, and no client's: checkpointer, writers, launchers. */
  readonly #own: ReadonlySet<number>;

  constructor(pid: number) {
    this.#pid = pid;
    const now = this.list() ?? [];
    const looked = now.slice(0, MOST_LOOKED_INTO);
    this.#own = new Set(looked.filter((it) => isServersOwn(readText(`/proc/${it}/cmdline`))));
  }

  /** undefined where the system does not tell (CONFIG_PROC_CHILDREN): a postmaster has children as long as it runs. */
  list(): number[] | undefined {
    return parseChildren(readText(`/proc/${this.#pid}/task/${this.#pid}/children`));
  }

  /** Of those listed: the clients', those that are being started too. */
  countBackends(pids: readonly number[]): number {
    return pids.filter((pid) => !this.#own.has(pid)).length;
  }

  /**
   * CPU time of those listed since each was started; who has ended since is not in it. undefined where they are too many.
   * schedstat tells nanoseconds where stat has ticks of 10 ms, more than most backends take.
   */
  sumCpuUs(pids: readonly number[]): number | undefined {
    if (pids.length > MOST_LOOKED_INTO) return undefined;
    return pids.reduce((sum, pid) => {
      return sum + (parseSchedstat(readText(`/proc/${pid}/schedstat`))?.cpuUs ?? 0);
    }, 0);
  }
}

/** Whether so many are to be looked into again when that was done `times` samples ago. */
export function isDue(count: number, times: number): boolean {
  return times * LOOKED_INTO_EACH_TIME >= count;
}

/**
 * Whether a title is of a process that the server keeps for itself. A client's names where it comes from: `host(port)` or
 * `[local]`; one that has no title yet may be a client's.
 */
export function isServersOwn(title: string): boolean {
  if (!title.startsWith(TITLE)) return false;
  return / walsender /.test(title) || !/ (?:\S+\(\d+\)|\[local\])/.test(title);
}

/** /proc/PID/task/TID/children: numbers, a space after each. */
export function parseChildren(children: string): number[] | undefined {
  const pids = children.match(/\d+/g)?.map(Number);
  return pids === undefined || pids.length === 0 ? undefined : pids;
}
