import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors.ts';

/**
 * A library that is loaded ahead of the server's own. Each fork() first burns CPU time in the process that forks, the
 * postmaster, as a real fork does when much memory is mapped. It burns CPU time, not wall time: waiting for a CPU does
 * not count. pthread_atfork(3), clock_gettime(2).
 */
const SOURCE = `#include <pthread.h>
#include <time.h>

static long long thread_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void burn(void) {
  long long until = thread_ns() + FORK_COST_NS;
  while (thread_ns() < until) {
  }
}

__attribute__((constructor)) static void prepare(void) {
  pthread_atfork(burn, 0, 0);
}
`;

const COMPILE_TIMEOUT_MS = 30_000;

/**
 * Builds a library in the lab's folder that makes every fork of a server cost `costMs` more milliseconds of CPU time.
 * Returns its path, for LD_PRELOAD.
 *
 * @throws UsageError if this is not Linux, or has no working C compiler
 */
export async function buildForkCost(folder: string, costMs: number): Promise<string> {
  if (platform() !== 'linux') throw refuse(`this is ${platform()}`);
  const source = join(folder, 'fork-cost.c');
  const library = join(folder, 'fork-cost.so');
  await writeFile(source, SOURCE);
  const args = ['-O1', '-shared', '-fPIC', `-DFORK_COST_NS=${Math.round(costMs * 1e6)}LL`];
  await promisify(execFile)('cc', [...args, '-o', library, source, '-pthread'], {
    timeout: COMPILE_TIMEOUT_MS,
  }).catch((cause: Error & { code?: unknown; stderr?: string }) => {
    if (cause.code === 'ENOENT') throw refuse('there is no cc', cause);
    const [first = cause.message] = (cause.stderr ?? '').split('\n').filter((line) => line !== '');
    throw refuse(`cc failed (${first})`, cause);
  });
  await rm(source);
  // The server's account must read it.
  await chmod(library, 0o755);
  return library;
}

function refuse(why: string, cause?: Error): UsageError {
  const message = `lab.postgres.forkCostMs needs Linux and a C compiler, and ${why}: install one (apt-get install gcc libc6-dev), or leave the field out`;
  return new UsageError('FORK_COST', message, cause === undefined ? {} : { cause });
}
