import { addCrowds, type CrowdRecord } from '../../model/crowd.ts';
import type { LeftOut } from '../../result/records/comparison.ts';
import type { Validity } from '../../result/records/summary-figures.ts';
import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import { isBoundedByLateness, nameWorst } from '../validity/merely-late.ts';

/** The fewest rounds for a verdict. Fewer could show a difference only if their noise were known to be small. */
export const FEWEST_ROUNDS = 5;

/** The rounds of a side by whether a comparison counts them. A round that does not count is left out. */
export interface SortedRounds {
  /** Rounds that ran to their end, and are valid or have figures that lateness bounds. */
  counted: RoundSummary[];
  /**
   * Left out for reasons that do not depend on the target's times: connstorm was stopped in them, or a person
   * interrupted them. The other rounds are then as good a sample as all would have been.
   */
  dropped: RoundSummary[];
  /**
   * Left out for reasons that may depend on the target's times. Whether connstorm's own work spoilt a round is judged
   * against the target's times, so the fast rounds count as spoilt; a stop condition ends the slow ones. The other
   * rounds alone would be no fair sample.
   */
  unknown: RoundSummary[];
}

export function sortRounds(rounds: readonly RoundSummary[]): SortedRounds {
  const counted = rounds.filter(isCounted);
  const leftOut = rounds.filter((round) => !isCounted(round));
  return {
    counted,
    dropped: leftOut.filter(isDropped),
    unknown: leftOut.filter((round) => !isDropped(round)),
  };
}

function isCounted(round: RoundSummary): boolean {
  return round.stoppedBy === 'end' && (round.validity.valid || isBoundedByLateness(round));
}

function isDropped({ stopped, stoppedBy }: RoundSummary): boolean {
  return stopped === true || stoppedBy === 'signal' || stoppedBy === 'interrupted';
}

/**
 * Returns the rounds whose figures are compared. With force, invalid rounds are among them, and if no round ran to its
 * end, also those that were cut short.
 */
export function pickCounted(rounds: readonly RoundSummary[], isForced: boolean): RoundSummary[] {
  if (!isForced) return sortRounds(rounds).counted;
  const ended = rounds.filter(({ stoppedBy }) => stoppedBy === 'end');
  return ended.length > 0 ? ended : [...rounds];
}

/** Returns the rounds that are not in `counted`, by reason, in the order of the rounds. */
export function listLeftOut(
  rounds: readonly RoundSummary[],
  counted: readonly RoundSummary[] = sortRounds(rounds).counted,
): LeftOut[] {
  const kinds = new Map<string, LeftOut>();
  for (const round of rounds.filter((it) => !counted.includes(it))) {
    const code = nameLeftOut(round);
    const unknown = isDropped(round) ? {} : { unknown: true as const };
    const key = `${code} ${unknown.unknown}`;
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { code, rounds: [round.round], ...unknown });
    else known.rounds.push(round.round);
  }
  return [...kinds.values()];
}

const STOPPED = 'GENERATOR_STOPPED';
const CUT_SHORT = 'CUT_SHORT';

function nameLeftOut({ stopped, stoppedBy, validity }: RoundSummary): string {
  if (stopped === true) return STOPPED;
  return stoppedBy === 'end' ? (nameWorst(validity) ?? CUT_SHORT) : CUT_SHORT;
}

/** Returns the validity without the reasons that concern only rounds that are left out. */
export function judgeCounted({ validity }: Pick<VariantSummary, 'validity'>): Validity {
  const reasons = validity.reasons.filter(({ rounds }) => rounds === undefined);
  return { valid: reasons.length === 0, reasons };
}

/** Returns the crowds of the rounds that count; undefined if they are not known for all of them. */
export function crowdOfCounted({
  crowd,
  rounds,
}: Pick<VariantSummary, 'crowd' | 'rounds'>): CrowdRecord | undefined {
  const { counted } = sortRounds(rounds);
  if (crowd === undefined || counted.length === rounds.length || counted.length === 0) return crowd;
  const crowds = counted.flatMap((round) => round.crowd ?? []);
  if (crowds.length < counted.length) return undefined;
  return crowds.reduce<CrowdRecord | undefined>(addCrowds, undefined);
}
