import { decideExitCode } from '../errors.ts';
import { checkArgument, FIELD, type Kind } from '../options.ts';
import type { AnyHeader, HeaderRecord } from '../result/records/header.ts';
import { isStreamed, type ResultRecord } from '../result/records/records.ts';
import type { AnySummary, SummaryRecord } from '../result/records/summary-records.ts';
import { judgeBudgets } from './budgets.ts';
import { findExitReasons } from './exit-reasons.ts';
import { RunFold } from './run-fold.ts';
import { VariantsFold } from './variants-fold.ts';

export interface SummaryFold<Summary extends AnySummary = AnySummary> {
  /** Takes every record of a result file, in its order. Throws on one that makes no sense. */
  add(record: ResultRecord): void;
  /** The summary of the records so far; without an `end` among them it is `interrupted`. */
  finish(): Summary;
}

/**
 * Derives the summary of a run from its records, while it runs or from the file.
 * `computedBy` is the version of connstorm that computes it.
 */
export function createSummary(
  header: HeaderRecord,
  computedBy?: string,
): SummaryFold<SummaryRecord>;
export function createSummary(header: AnyHeader, computedBy?: string): SummaryFold;
export function createSummary(header: AnyHeader, computedBy = header?.connstorm): SummaryFold {
  checkArgument('the first argument of createSummary', header, HEADER);
  checkArgument('the second argument of createSummary', computedBy, FIELD.text);
  const fold =
    header.version === 1
      ? new SingleFold(header, computedBy)
      : new VariantsFold(header, computedBy);
  return {
    add: (record) => {
      checkArgument('what is added to a summary', record, RECORD);
      fold.add(record);
    },
    finish: () => fold.finish(),
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

/** A run of one scenario, without variants. */
class SingleFold implements SummaryFold<SummaryRecord> {
  readonly #header: HeaderRecord;
  readonly #computedBy: string;
  readonly #run: RunFold;

  constructor(header: HeaderRecord, computedBy: string) {
    this.#header = header;
    this.#computedBy = computedBy;
    this.#run = new RunFold(header, header.environment);
    this.#run.openLeg();
  }

  add(record: ResultRecord): void {
    if (record.type === 'end') this.#run.addEnd(record);
    else if (isStreamed(record)) this.#run.add(record);
  }

  finish(): SummaryRecord {
    const figures = this.#run.finish();
    const budgets = judgeBudgets(this.#header.budgets ?? [], [
      { name: undefined, summary: figures, values: this.#run },
    ]);
    return {
      type: 'summary',
      version: 1,
      connstorm: this.#computedBy,
      scenario: this.#header.scenario,
      exitCode: decideExitCode(findExitReasons({ ...figures, budgets })),
      ...figures,
      variants: {},
      comparison: [],
      budgets,
    };
  }
}
