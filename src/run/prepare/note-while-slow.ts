import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import { describeServer } from '../../targets/visit/describe.ts';

/** Longer than this, and people wonder whether anything happens. */
const SLOW_MS = 1000;

/** The same work; `tell` is called once where it is not done after a second. */
export async function noteWhileSlow<T>(work: Promise<T>, tell: () => void): Promise<T> {
  const timer = setTimeout(tell, SLOW_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** The same of a login, of which a person at a terminal is told: a server may be silent until the timeout. */
export function tellOfSilence<T>(
  { hosts }: Pick<ResolvedTarget, 'hosts'>,
  visiting: Promise<T>,
  { isTerminal, tell }: { isTerminal: boolean; tell: (text: string) => void },
): Promise<T> {
  if (!isTerminal) return visiting;
  const servers = hosts.map(({ target }) => describeServer(target)).join(', ');
  return noteWhileSlow(visiting, () => tell(`logging in to ${servers}…`));
}
