import { UsageError } from '../errors.ts';
import type { ResultSource } from '../result/read/pieces.ts';
import { type ResultReading, readResult as readForPeople } from '../result/read/read.ts';
import type { ResultRecord } from '../result/records/records.ts';

/**
 * Reads a result, packed by gzip or not, one line in memory at a time. Calls `visit` with every record, the header
 * first. Skips lines of kinds that this version does not know. A last line that was cut off is left out, and the file
 * is then not `complete`.
 *
 * `visit` must return at once, because the file is read synchronously: an async function is refused. An error that it
 * throws ends the reading, and is thrown unchanged.
 *
 * @throws UsageError for a file that cannot be read, is no result, comes from a newer version, has a broken line, or
 * lacks a required line; `BAD_OPTIONS` for arguments of another kind
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
    // A `visit` that is no function is refused below.
    return readForPeople(source, typeof visit === 'function' ? guarded : visit);
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}

function refusePromise(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // The promise is dropped, so its rejection must be handled here.
  returned.catch(() => {});
  const message =
    'the second argument of readResult must be a function that returns at once, and it returned a promise: collect what you need from the records, and await when readResult has returned';
  throw new UsageError('BAD_OPTIONS', message);
}
