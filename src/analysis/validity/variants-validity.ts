import { formatCounted, nounOf } from '../../counted.ts';
import type { CompareRecord } from '../../result/records/header.ts';
import type { Reason, Validity } from '../../result/records/summary-figures.ts';
import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import { sortRounds } from '../comparison/counted-rounds.ts';
import { canBeCompared } from '../comparison/obstacles.ts';
import { findWorst } from './merely-late.ts';
import { toValidity } from './validity.ts';

/**
 * Judges a variant. It is valid if its merged figures are valid and no round in them is invalid. A round that was
 * merely late counts, because its lateness is in the merged figures and judged there. So does a round in which no
 * connect succeeded, because that was measured. If the counts of a round contradict each other, opposite errors of
 * other rounds do not correct it.
 */
export function judgeVariant(merged: Validity, rounds: readonly RoundSummary[]): Validity {
  if (rounds.length === 0) return toValidity([NOT_RUN]);
  if (merged.reasons.some(({ code }) => code === ACCOUNTING)) return merged;
  const broken = rounds.flatMap(({ round, validity }) =>
    validity.reasons
      .filter(({ code }) => code === ACCOUNTING)
      .map(({ code, message }) => ({ code, message: `round ${round}: ${message}` })),
  );
  return toValidity([
    ...broken,
    ...merged.reasons.map((reason) => limitToRounds(reason, rounds)),
    ...listSpoilt(rounds).filter(({ code }) => !merged.reasons.some((it) => it.code === code)),
  ]);
}

const ACCOUNTING = 'ACCOUNTING';
/** Codes that are judged elsewhere. The first makes the whole variant invalid, the second none of its figures. */
const TOLD_ELSEWHERE = [ACCOUNTING, 'NO_DATA'];
const NOT_RUN: Reason = { code: 'NOT_RUN', message: 'the run ended before its first round' };

/** Reasons in connstorm itself for being late or stopped. */
const OWN_CAUSES = ['GENERATOR_STOPPED', 'GENERATOR_STARVED', 'HOST_STOLEN', 'WORKER_SATURATED'];

/** Adds the rounds to a reason, if it is a cause that only rounds have in which connstorm was stopped. */
function limitToRounds(reason: Reason, rounds: readonly RoundSummary[]): Reason {
  if (rounds.length === 1 || !OWN_CAUSES.includes(reason.code)) return reason;
  const having = rounds.filter(({ validity }) =>
    validity.reasons.some(({ code }) => code === reason.code),
  );
  const isLimited = having.length > 0 && having.every(({ stopped }) => stopped === true);
  const [first] = having.flatMap(({ validity }) =>
    validity.reasons.filter(({ code }) => code === reason.code),
  );
  return isLimited && first !== undefined ? nameRounds(first, having, rounds) : reason;
}

/** Returns the reason with its rounds. `reason` is that of the first one. */
function nameRounds(
  reason: Reason,
  spoilt: readonly RoundSummary[],
  rounds: readonly RoundSummary[],
): Reason {
  const own = spoilt.map(({ round }) => round);
  const many = `${own.length} of ${formatCounted(rounds.length, 'round')} ${nounOf(own.length, 'is', 'are')} invalid`;
  const message = `${many}. Round ${own[0]}: ${reason.message}`;
  return { ...reason, message, rounds: own };
}

/** Returns a reason for each kind of invalid rounds that a comparison leaves out, with their numbers. */
function listSpoilt(rounds: readonly RoundSummary[]): Reason[] {
  if (rounds.length === 1) return [];
  const { dropped, unknown } = sortRounds(rounds);
  const kinds = new Map<string, { reason: Reason; spoilt: RoundSummary[] }>();
  for (const round of [...dropped, ...unknown]) {
    const own = round.validity.reasons.filter(({ code }) => !TOLD_ELSEWHERE.includes(code));
    const reason = findWorst({ valid: false, reasons: own });
    if (reason === undefined) continue;
    const kind = kinds.get(reason.code);
    if (kind === undefined) kinds.set(reason.code, { reason, spoilt: [round] });
    else kind.spoilt.push(round);
  }
  return [...kinds.values()].map(({ reason, spoilt }) => nameRounds(reason, spoilt, rounds));
}

type Named = readonly [name: string, summary: VariantSummary];

/**
 * Returns the variants, with a mark on those whose invalidity is not the run's (`lateOnly`, `leftOutOnly`). The run's
 * validity, reports and budgets all use these marks.
 *
 * A run of several variants is made for the comparison, which judges times from the actual start, by the rounds that
 * count. Lateness that has not changed the load spoils a variant's own latency. A round that is left out spoils the
 * variant's merged figures. Both make the variant invalid, but not the run, as long as the variant can be compared.
 * `compare`: how the variants are compared.
 */
export function markSpared(
  summaries: readonly Named[],
  compare: Pick<CompareRecord, 'primary'>,
): Named[] {
  const isCompared =
    summaries.length > 1 && summaries.every(([, { capacity }]) => capacity === null);
  return summaries.map(([name, summary]) => {
    if (!isCompared || summary.validity.valid || !canBeCompared(summary, compare)) {
      return [name, summary];
    }
    const isLateAlone = summary.validity.reasons.every(({ rounds }) => rounds === undefined);
    return [name, { ...summary, ...(isLateAlone ? { lateOnly: true } : { leftOutOnly: true }) }];
  });
}

/** Returns whether a variant's invalidity does not make the run invalid. */
export function isSpared({
  lateOnly,
  leftOutOnly,
}: Pick<VariantSummary, 'lateOnly' | 'leftOutOnly'>): boolean {
  return lateOnly === true || leftOutOnly === true;
}

/**
 * Returns why a run of variants is invalid; an empty list if all variants are valid. `missing`: parts of the plan that
 * are missing although the run came to its end.
 */
export function judgeVariants(summaries: readonly Named[], missing: readonly string[]): Reason[] {
  const ofRun = missing.map((what) => ({
    code: ACCOUNTING,
    message: `the counts contradict each other (${what}): trust no figure of this run`,
  }));
  const ofVariants = summaries
    .filter(([, summary]) => !isSpared(summary))
    .flatMap(([variant, { validity }]) =>
      validity.reasons.map((reason) => ({ ...reason, variant })),
    );
  return [...ofRun, ...ofVariants];
}
