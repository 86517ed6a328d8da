import { readText } from './proc-text.ts';

/**
 * Returns the numbers of the CPUs that this process may use; undefined where the system does not show them (not Linux).
 */
export function readAllowedCpus(): number[] | undefined {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText('/proc/self/status')) ?? [];
  return list === undefined ? undefined : parseCpuList(list);
}

/** Parses a list of CPUs: `0,2-3` is 0, 2 and 3. Returns [] if the text is no such list. */
export function parseCpuList(text: string): number[] {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(text)) return [];
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
}
