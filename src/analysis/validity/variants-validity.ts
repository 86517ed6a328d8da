import { formatCounted, nounOf } from '../../counted.ts';
import type { CompareRecord } from '../../result/records/header.ts';
import type { Reason, Validity } from '../../result/records/summary-figures.ts';
import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import { sortRounds } from '../comparison/counted-rounds.ts';
import { canBeCompared } from '../comparison/obstacles.ts';
import { findWorst } from './merely-late.ts';
import { toValidity } from './validity.ts';

/**
 * A variant is valid where its merged figures are and no round in them is invalid. A round that was merely late counts: how late attempts
 * were is in the merged figures and judged there. So does one in which no connect succeeded: that was measured. A round whose counts
 * contradict each other is not mended by others that err the other way.
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
/** The first makes all of the variant invalid, the second none of its figures. */
const TOLD_ELSEWHERE = [ACCOUNTING, 'NO_DATA'];
const NOT_RUN: Reason = { code: 'NOT_RUN', message: 'the run ended before its first round' };

/** What connstorm saw of itself where it was late, or stopped. */
const OWN_CAUSES = ['GENERATOR_STOPPED', 'GENERATOR_STARVED', 'HOST_STOLEN', 'WORKER_SATURATED'];

/** With the rounds that a reason is of, where it is a cause that no round has but those in which connstorm was stopped. */
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

/** `reason` as that of some of the rounds alone, of which the first one gave it. */
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

/** A reason for each kind of invalid rounds that a comparison leaves out, with their numbers. */
function listSpoilt(rounds: readonly RoundSummary[]): Reason[] {
  if (rounds.length === 1) return [];
  const { dropped, unknown } = sortRounds(rounds);
  const kinds = new Map<string, { reason: Reason; spoilt: RoundSummary[] }>();
  for (const round of [...dropped, ...unknown]) {
    const told = round.validity.reasons.filter(({ code }) => !TOLD_ELSEWHERE.includes(code));
    const reason = findWorst({ valid: false, reasons: told });
    if (reason === undefined) continue;
    const kind = kinds.get(reason.code);
    if (kind === undefined) kinds.set(reason.code, { reason, spoilt: [round] });
    else kind.spoilt.push(round);
  }
  return [...kinds.values()].map(({ reason, spoilt }) => nameRounds(reason, spoilt, rounds));
}

type Named = readonly [name: string, summary: VariantSummary];

/**
 * The variants, with a mark on those whose invalidity is not the run's (`lateOnly`, `leftOutOnly`). Whatever says whether a variant is
 * valid goes by these marks: the run's validity, the report, budgets.
 *
 * A run of several is there for the comparison, which judges times since the actual start, by the rounds that count. Lateness that has
 * not changed the load spoils a variant's own latency, and a round that is left out spoils its merged figures. Both make that variant
 * invalid, but not the run, as long as it can be compared. `compare`: how they are compared.
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

/** Whether a variant's invalidity is not the run's. */
export function isSpared({
  lateOnly,
  leftOutOnly,
}: Pick<VariantSummary, 'lateOnly' | 'leftOutOnly'>): boolean {
  return lateOnly === true || leftOutOnly === true;
}

/** A run of variants is valid where all of them are. `missing`: what of the plan is not there, though nothing ended it. */
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
