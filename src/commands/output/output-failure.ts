import { explain } from '../../result/write/result-place.ts';

/** Why standard output could not be written, in a line for people; in the words that the file of a result is told of. */
export function describeOutputFailure(error: NodeJS.ErrnoException): string {
  return `standard output cannot be written: ${explain(error, { hasOut: false })}`;
}
