import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import { describeServer } from '../../targets/visit/describe.ts';

/** A longer wait is noted, because people wonder whether anything still happens. */
const SLOW_MS = 1000;

/** Resolves as `work` does. Calls `note` once if the work takes longer than a second. */
export async function noteWhileSlow<T>(work: Promise<T>, note: () => void): Promise<T> {
  const timer = setTimeout(note, SLOW_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Notes a slow login to a person at a terminal. A server may be silent until the timeout. */
export function noteSilence<T>(
  { hosts }: Pick<ResolvedTarget, 'hosts'>,
  visiting: Promise<T>,
  { isTerminal, note }: { isTerminal: boolean; note: (text: string) => void },
): Promise<T> {
  if (!isTerminal) return visiting;
  const servers = hosts.map(({ target }) => describeServer(target)).join(', ');
  return noteWhileSlow(visiting, () => note(`logging in to ${servers}…`));
}
