import { UsageError } from '../errors.ts';
import type { ResultSource } from '../result/read/pieces.ts';
import { type ResultReading, readResult as readForPeople } from '../result/read/read.ts';
import type { ResultRecord } from '../result/records/records.ts';

/**
 * Reads a result, packed by gzip or not, one line in memory at a time, and shows `visit` every record, the header first. Lines of kinds
 * this version does not know are skipped. A last line that was cut off is left out and the file is not `complete`.
 *
 * `visit` must return at once, as the file is read at once: an async one is refused. What it throws ends the reading, and is thrown as
 * it is.
 *
 * @throws UsageError for a file that cannot be read, is no result, comes from a newer version, has a broken line, or lacks a line that
 *   must have been there; `BAD_OPTIONS` for arguments of another kind
 */
export function readResult(
  source: ResultSource,
  visit: (record: ResultRecord) => void,
): ResultReading {
  let failure: { error: unknown } | undefined;
  const guarded = (record: ResultRecord): void => {
    try {
      refusePromise(visit(record));
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    // What is no function is refused below.
    return readForPeople(source, typeof visit === 'function' ? guarded : visit);
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}

function refusePromise(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // Nobody else waits for it.
  returned.catch(() => {});
  const message =
    'the second argument of readResult must be a function that returns at once, and it returned a promise: collect what you need from the records, and await when readResult has returned';
  throw new UsageError('BAD_OPTIONS', message);
}
