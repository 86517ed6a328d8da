import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';

/** What labs leave behind whose folders are made in a test's own. */

export const WAIT = { timeout: 20_000, interval: 5 };

export async function listLabs(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('connstorm-lab'));
}

/** Resolves when neither folders nor processes of labs in `temporary` are left. */
export async function waitUntilNothingIsLeft(temporary: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await listLabs(temporary)).toEqual([]);
    expect(await findProcesses(`${temporary}/`)).toEqual([]);
  }, WAIT);
}

/** A path in the only lab of `temporary`. */
export async function findInLab(temporary: string, path: string): Promise<string> {
  const [lab] = await listLabs(temporary);
  return join(temporary, lab ?? '', path);
}

/** Processes with `text` among their arguments (a zombie has none); none where there is no /proc. */
export async function findProcesses(text: string): Promise<{ pid: number; args: string }[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), args: raw.replaceAll('\0', ' ') };
    }),
  );
  return processes.filter(({ args }) => args.includes(text));
}
