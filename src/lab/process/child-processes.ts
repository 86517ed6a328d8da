import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A child process. */
export interface Child {
  pid: number;
  /** Its arguments, or what the program shows instead of them. */
  title: string;
}

/** Returns the children of a process in the order in which they were forked. */
export function listChildren(parent: number): Child[] {
  const children = readText(`/proc/${parent}/task/${parent}/children`);
  if (children === undefined) return listByPs(parent);
  return (children.match(/\d+/g) ?? []).map((pid) => {
    const title = readText(`/proc/${pid}/cmdline`) ?? '';
    return { pid: Number(pid), title: title.replaceAll('\0', ' ').trim() };
  });
}

/** Lists them where there is no /proc, or where its kernel lists no children. */
function listByPs(parent: number): Child[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return [...lines.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*?)\s*$/gm)]
    .filter(([, , ppid]) => Number(ppid) === parent)
    .map(([, pid, , title = '']) => ({ pid: Number(pid), title }))
    .sort((a, b) => a.pid - b.pid);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
