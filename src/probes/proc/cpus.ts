import { readText } from './proc-text.ts';

/** CPUs that this process may use, by number; undefined where the system does not tell (it is no Linux). */
export function readAllowedCpus(): number[] | undefined {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText('/proc/self/status')) ?? [];
  return list === undefined ? undefined : parseCpuList(list);
}

/** `0,2-3` is 0, 2 and 3; empty where it is no list of CPUs. */
export function parseCpuList(text: string): number[] {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(text)) return [];
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
}

/** Pids of the processes that a process has forked and that are still there. */
export function listChildren(pid: number): number[] {
  return (readText(`/proc/${pid}/task/${pid}/children`).match(/\d+/g) ?? []).map(Number);
}
