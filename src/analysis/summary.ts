import { checkArgument, FIELD, type Kind } from '../options.ts';
import { liftHeader, liftRecord, liftStart, lowerSummary } from '../result/lift.ts';
import type { AnyHeader, HeaderRecord } from '../result/records/header.ts';
import type { ResultRecord } from '../result/records/records.ts';
import type { AnySummary, SummaryRecord } from '../result/records/summary-records.ts';
import { VariantsFold } from './variants-fold.ts';

export interface SummaryFold<Summary extends AnySummary = AnySummary> {
  /** Takes every record of a result file, in order. Throws for a record that does not fit the ones before. */
  add(record: ResultRecord): void;
  /** Returns the summary of the records so far. Without an `end` among them it is `interrupted`. */
  finish(): Summary;
}

/**
 * Derives the summary of a run from its records, during the run or from the file. `computedBy`: the version of
 * connstorm that computes it.
 */
export function createSummary(
  header: HeaderRecord,
  computedBy?: string,
): SummaryFold<SummaryRecord>;
export function createSummary(header: AnyHeader, computedBy?: string): SummaryFold;
export function createSummary(header: AnyHeader, computedBy = header?.connstorm): SummaryFold {
  checkArgument('the first argument of createSummary', header, HEADER);
  checkArgument('the second argument of createSummary', computedBy, FIELD.text);
  const run = liftHeader(header);
  const fold = new VariantsFold(run, computedBy);
  for (const record of liftStart(run)) fold.add(record);
  return {
    add: (record) => {
      checkArgument('what is added to a summary', record, RECORD);
      for (const lifted of liftRecord(run, record)) fold.add(lifted);
    },
    finish: () => lowerSummary(run, fold.finish()),
  };
}

const HEADER: Kind = {
  expected: 'the header of a result, which is its first record',
  fits: isHeader,
};
const RECORD: Kind = {
  expected: 'a record of a result',
  fits: (value) => typeof (value as Partial<ResultRecord> | null | undefined)?.type === 'string',
};

function isHeader(value: unknown): boolean {
  if (!FIELD.data.fits(value)) return false;
  const { type, plan, variants } = value as Record<string, unknown>;
  return type === 'header' && (FIELD.data.fits(plan) || Array.isArray(variants));
}
