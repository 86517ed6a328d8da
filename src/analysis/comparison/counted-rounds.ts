import { addCrowds, type CrowdRecord } from '../../model/crowd.ts';
import type { LeftOut } from '../../result/records/comparison.ts';
import type { Validity } from '../../result/records/summary-figures.ts';
import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import { isBoundedByLateness, nameWorst } from '../validity/merely-late.ts';

/** Fewer rounds can tell a difference only from noise that is known to be small, and that is not known here. */
export const FEWEST_ROUNDS = 5;

/** Which rounds of a side a comparison counts, and what becomes of the others. A round that does not count is left out. */
export interface SortedRounds {
  /** Run to their end, and valid by themselves or with figures that lateness bounds. */
  counted: RoundSummary[];
  /**
   * Left out, and which ones they are does not depend on how long the target took: connstorm was stopped in them, or somebody interrupted
   * them. The others are then as good a sample as all would have been.
   */
  dropped: RoundSummary[];
  /**
   * Left out, and which ones they are may depend on how long the target took. Whether connstorm's own work spoilt a round is judged against
   * the target's times, so that it is the fast rounds that are spoilt; a stop condition ends the slow ones. Without them the
   * others would be no fair sample.
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

/** The rounds whose figures are compared. By force invalid ones too; and where none ran to its end, those that were cut short. */
export function pickCounted(rounds: readonly RoundSummary[], isForced: boolean): RoundSummary[] {
  if (!isForced) return sortRounds(rounds).counted;
  const ended = rounds.filter(({ stoppedBy }) => stoppedBy === 'end');
  return ended.length > 0 ? ended : [...rounds];
}

/** What is left out where `counted` count: by its reason, in the order of the rounds. */
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

/** What was wrong with all that was measured, without what was found in rounds alone that are left out. */
export function judgeCounted({ validity }: Pick<VariantSummary, 'validity'>): Validity {
  const reasons = validity.reasons.filter(({ rounds }) => rounds === undefined);
  return { valid: reasons.length === 0, reasons };
}

/** How crowded it was in the rounds that count; undefined: it is not known of all of them. */
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
