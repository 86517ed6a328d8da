import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** What a system's scheduler offers at most to those that yield. */
const NICENESS = 19;
/** Node's own number of them (--v8-pool-size). */
const HELPERS = 4;

export interface Thread {
  id: number;
  name: string;
}

/**
 * Has V8's helper threads, which compile for all others, yield the CPU to them. In its first seconds a storm has some thousand
 * functions compiled, by four threads at once: on two cores each of them gets a share as large as that of the thread that keeps
 * time. Seen at 2,000/s there: p99 of lateness 3.9 ms, and 1.7 ms where they yield. Linux tells of threads; elsewhere nothing is
 * done.
 */
export function yieldHelpers(): void {
  for (const { id } of pickHelpers(listThreads(), process.pid, hasOwnPool())) {
    try {
      setPriority(id, NICENESS);
    } catch {
      // It is gone, or the system does not allow it: they compete as before.
    }
  }
}

/**
 * V8's helpers among the threads of a process: by their name, which Node gives them from 24 on; else by their place, right behind
 * the thread for delayed tasks, which is the first that Node starts (node_platform.cc: WorkerThreadsTaskRunner). None where that
 * many are not there, or somebody has chosen how many there are.
 */
export function pickHelpers(threads: readonly Thread[], pid: number, isOwnPool: boolean): Thread[] {
  const named = threads.filter(({ name }) => name === 'V8Worker');
  if (named.length > 0 || isOwnPool) return named;
  const others = threads.filter(({ id }) => id > pid).sort((a, b) => a.id - b.id);
  const helpers = others.slice(1, 1 + HELPERS);
  return helpers.length === HELPERS ? helpers : [];
}

function hasOwnPool(): boolean {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  return /--v8[-_]pool[-_]size/.test(options);
}

function listThreads(): Thread[] {
  try {
    return readdirSync('/proc/self/task').map((id) => ({
      id: Number(id),
      name: readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
    }));
  } catch {
    return [];
  }
}
