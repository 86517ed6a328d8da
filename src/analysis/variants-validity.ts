import type { Reason, RoundSummary, Validity, VariantSummary } from '../result/summary-records.ts';
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

/** A run of variants is valid where all of them are. `missing`: what of the plan is not there, though nothing ended it. */
export function judgeVariants(
  summaries: readonly (readonly [name: string, summary: VariantSummary])[],
  missing: readonly string[],
): Reason[] {
  const ofRun = missing.map((what) => ({
    code: 'ACCOUNTING',
    message: `the counts contradict each other (${what}): trust no figure of this run`,
  }));
  const ofVariants = summaries.flatMap(([variant, { validity }]) =>
    validity.reasons.map((reason) => ({ ...reason, variant })),
  );
  return [...ofRun, ...ofVariants];
}
