import { createSummary as createForPeople, type SummaryFold } from '../analysis/summary.ts';
import { ConnstormError, UsageError } from '../errors.ts';
import { checkHeaderShape } from '../result/read/header-shape.ts';
import { checkRecord } from '../result/read/record-shapes.ts';
import { LONGEST_FAULT } from '../result/read/shape.ts';
import { findUnsoundNumber } from '../result/read/sound-numbers.ts';
import type { AnyHeader, HeaderRecord } from '../result/records/header.ts';
import type { ResultRecord } from '../result/records/records.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

/**
 * Derives the summary of a run from its records: `add` takes each of a result file, in its order, `finish` returns the summary of the
 * records so far; without an `end` among them it is `interrupted`. `computedBy` is the version of connstorm that computes it.
 *
 * @throws UsageError `BAD_OPTIONS` for a header or a record that is none of a result, or makes no sense where it stands
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

/** A summary is computed anew: the one that stands in a file is read by nobody. What is no record at all the fold refuses. */
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

/** What a fold throws at records that do not fit together is no defect of connstorm. */
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
