import { createSummary as createForPeople, type SummaryFold } from '../analysis/summary.ts';
import { ConnstormError, UsageError } from '../errors.ts';
import { checkHeaderShape } from '../result/read/shapes/header-shape.ts';
import { checkRecord } from '../result/read/shapes/record-shapes.ts';
import { LONGEST_FAULT } from '../result/read/shapes/shape.ts';
import { findUnsoundNumber } from '../result/read/sound-numbers.ts';
import type { AnyHeader, HeaderRecord } from '../result/records/header.ts';
import type { ResultRecord } from '../result/records/records.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

/**
 * Derives the summary of a run from its records. `add` takes each record of a result file, in order. `finish` returns
 * the summary of the records so far; without an `end` among them it is `interrupted`. `computedBy`: the version of
 * connstorm that computes the summary.
 *
 * @throws UsageError `BAD_OPTIONS` for a header or a record that does not belong to a result, or makes no sense at its
 * place
 */
export function createSummary(
  header: HeaderRecord,
  computedBy?: string,
): SummaryFold<SummaryRecord>;
export function createSummary(header: AnyHeader, computedBy?: string): SummaryFold;
export function createSummary(header: AnyHeader, computedBy?: string): SummaryFold {
  const fold = blame('the header of a summary', () => {
    const created = createForPeople(header, computedBy);
    refuse('the header of a summary', checkHeaderShape(header));
    return created;
  });
  return {
    add: (record) => {
      blame(ADDED, () => {
        refuse(ADDED, findFault(record));
        fold.add(record);
      });
    },
    finish: () => blame('what was added to a summary', () => fold.finish()),
  };
}

const ADDED = 'what is added to a summary';

/**
 * Returns what is wrong with a record. A summary record is not checked: the summary is computed anew, and the one in
 * the file is not read. The fold itself refuses anything that is no record.
 */
function findFault(record: ResultRecord): string | undefined {
  const type: unknown = (record as Partial<ResultRecord> | null | undefined)?.type;
  if (typeof type !== 'string' || type === 'summary') return undefined;
  return findUnsoundNumber(record) ?? checkRecord(record);
}

function refuse(what: string, fault: string | undefined): void {
  if (fault === undefined) return;
  const why = fault.replace(/^\./, '').slice(0, LONGEST_FAULT);
  throw new UsageError('BAD_OPTIONS', `${what} must be as in a result file: ${why}`);
}

/** Turns an error of the fold into a UsageError: records that do not fit together are no defect of connstorm. */
function blame<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof ConnstormError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${what} makes no sense where it stands (${why}): give the records of one result file, in their order`;
    throw new UsageError('BAD_OPTIONS', message, { cause });
  }
}
