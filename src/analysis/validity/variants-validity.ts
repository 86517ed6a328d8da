import type { CompareRecord } from '../../result/records/header.ts';
import type { Reason, Validity } from '../../result/records/summary-figures.ts';
import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import { hasHarmlessLateness } from '../comparison/crowding.ts';
import { toValidity } from './validity.ts';

/**
 * A variant is judged by its merged figures; a round whose counts contradict each other is not mended by others
 * that err the other way.
 */
export function judgeVariant(merged: Validity, rounds: readonly RoundSummary[]): Validity {
  if (rounds.length === 0) return toValidity([NOT_RUN]);
  if (merged.reasons.some(({ code }) => code === 'ACCOUNTING')) return merged;
  const broken = rounds.flatMap(({ round, validity }) =>
    validity.reasons
      .filter(({ code }) => code === 'ACCOUNTING')
      .map(({ code, message }) => ({ code, message: `round ${round}: ${message}` })),
  );
  return toValidity([...broken, ...merged.reasons]);
}

const NOT_RUN: Reason = { code: 'NOT_RUN', message: 'the run ended before its first round' };

type Named = readonly [name: string, summary: VariantSummary];

/**
 * The variants, with a mark on those whose invalidity is not the run's (`lateOnly`). Whatever says whether a variant is valid goes by
 * this mark: the run's validity, the report, budgets.
 *
 * A run of several is there for the comparison, which judges times since the actual start. Lateness that has not changed the load
 * spoils a variant's own latency and makes that variant invalid, but not the run. `compare`: how they are compared.
 */
export function markLateOnly(
  summaries: readonly Named[],
  compare: Pick<CompareRecord, 'primary'>,
): Named[] {
  const isCompared =
    summaries.length > 1 && summaries.every(([, { capacity }]) => capacity === null);
  return summaries.map(([name, summary]) =>
    isCompared && hasHarmlessLateness(summary, compare)
      ? [name, { ...summary, lateOnly: true }]
      : [name, summary],
  );
}

/** A run of variants is valid where all of them are. `missing`: what of the plan is not there, though nothing ended it. */
export function judgeVariants(summaries: readonly Named[], missing: readonly string[]): Reason[] {
  const ofRun = missing.map((what) => ({
    code: 'ACCOUNTING',
    message: `the counts contradict each other (${what}): trust no figure of this run`,
  }));
  const ofVariants = summaries
    .filter(([, { lateOnly = false }]) => !lateOnly)
    .flatMap(([variant, { validity }]) =>
      validity.reasons.map((reason) => ({ ...reason, variant })),
    );
  return [...ofRun, ...ofVariants];
}
