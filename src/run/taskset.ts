import { execFileSync } from 'node:child_process';

/**
 * Lets a process, or the one thread of that number, run on these CPUs alone (`0`, `2-3`, `0,2`). Throws where it is gone, the CPUs are not
 * to be had, or there is no taskset (of the package util-linux, on Linux).
 */
export function setCpus(cpus: string, id: number, of: 'process' | 'thread'): void {
  const all = of === 'process' ? ['--all-tasks'] : [];
  execFileSync('taskset', [...all, '--cpu-list', '--pid', cpus, String(id)], { stdio: 'pipe' });
}

export function findTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
