import { explain } from '../../result/write/result-place.ts';

/** Returns why standard output could not be written: a line for people, with the same words as for a result file. */
export function describeOutputFailure(error: NodeJS.ErrnoException): string {
  return `standard output cannot be written: ${explain(error, { hasOut: false })}`;
}
