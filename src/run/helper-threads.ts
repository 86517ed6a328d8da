import { readdirSync, readFileSync } from 'node:fs';
import { readAllowedCpus } from '../probes/cpus.ts';
import { setCpus } from './taskset.ts';

/** Node's own number of them (--v8-pool-size). */
const HELPERS = 4;

export interface Thread {
  id: number;
  name: string;
}

/**
 * Keeps V8's helper threads, which compile for all others, to one CPU where they could take every one at once. In its first seconds a
 * storm has some thousand functions compiled; on two CPUs four of them get as much of both as the thread that keeps time. They yield
 * to nobody on theirs: the garbage collector waits for them. Linux tells of threads; elsewhere, and without taskset, nothing is done.
 * To be called before the workers start, and after the process itself was pinned.
 */
export function gatherHelpers(): void {
  const helpers = pickHelpers(listThreads(), process.pid, hasOwnPool());
  const cpu = chooseCpu(readAllowedCpus() ?? [], helpers.length);
  if (cpu === undefined) return;
  for (const { id } of helpers) {
    try {
      setCpus(`${cpu}`, id, 'thread');
    } catch {
      // It is gone, or it cannot be done here: it runs where it likes, as before.
      return;
    }
  }
}

/** The first, as a lab is rather kept to the last; undefined where they are to be left alone. */
export function chooseCpu(allowed: readonly number[], helpers: number): number | undefined {
  return allowed.length > 1 && allowed.length <= helpers ? Math.min(...allowed) : undefined;
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
