import type { CrowdCounts, CrowdRecord } from '../../model/crowd.ts';
import type { CompareRecord } from '../../result/records/header.ts';
import type { Aggregation } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { PRIMARY_AGGREGATION } from './choose-figures.ts';

/** Share of the attempts beyond a quantile that connstorm's lateness may have put there. */
const TAIL_SHARE = 0.5;
/** Share of all attempts. It is the limit where many attempts lie beyond the quantile. */
const MOST_SHARE = 0.05;
/** No attempt lies beyond the maximum, so this quantile is used instead. */
const HIGHEST_QUANTILE = 0.999;
/**
 * Fewer attempts are chance. Two attempts due together may begin in another order relative to answers, which also
 * changes their crowds.
 */
const FEWEST_ATTEMPTS = 5;

/** Attempts that connstorm's lateness has put into a crowd. */
export interface Crowding {
  /** Number of others in flight. At a share `q` of the due moments there would have been at most so many. */
  others: number;
  /** Share of the attempts that met a larger crowd; `dueShare`: the share that would have met one on time. */
  share: number;
  dueShare: number;
}

/**
 * Returns the crowding if starts were bunched that were not due together, so that a quantile of service time belongs to
 * another load than the planned one; undefined if they were not.
 *
 * It assumes that the slowest attempts met the largest crowds. So it compares the crowds at the quantile's own share of
 * attempts. The limit is half of the attempts beyond the quantile: so many more in a crowd than planned would make it
 * another figure. Lateness that moves single starts a little makes as many crowds smaller as larger. That is no
 * crowding.
 */
export function findCrowding(
  { due, begun }: CrowdRecord,
  aggregation: Aggregation,
): Crowding | undefined {
  const [ofDue, ofBegun] = [countAttempts(due), countAttempts(begun)];
  if (ofDue === 0 || ofBegun === 0) return undefined;
  const q = Math.min(HIGHEST_QUANTILE, QUANTILES[aggregation].q);
  const others = findQuantile(due, q * ofDue);
  const share = countBeyond(begun, others) / ofBegun;
  const dueShare = countBeyond(due, others) / ofDue;
  const excess = share - dueShare;
  const allowed = Math.min(MOST_SHARE, (1 - q) * TAIL_SHARE);
  const isMuch = excess > allowed && excess * ofBegun >= FEWEST_ATTEMPTS;
  return isMuch ? { others, share, dueShare } : undefined;
}

/** Returns the crowding of one side of a comparison, at the quantile that is judged. */
export function findCrowdingOf(
  { crowd }: { crowd?: CrowdRecord | undefined },
  { primary }: Pick<CompareRecord, 'primary'>,
): Crowding | undefined {
  const aggregation = primary?.aggregation ?? PRIMARY_AGGREGATION;
  return crowd === undefined ? undefined : findCrowding(crowd, aggregation);
}

/** Returns the crowding as a sentence without a full stop. */
export function describeCrowding({ others, share, dueShare }: Crowding): string {
  const many = others === 0 ? 'others in flight' : `more than ${others} others in flight`;
  return `because connstorm was late, ${percentOf(share)} of the attempts began with ${many}, instead of ${percentOf(dueShare)}`;
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function countAttempts(counts: CrowdCounts): number {
  return counts.reduce((sum, [, attempts]) => sum + attempts, 0);
}

function countBeyond(counts: CrowdCounts, most: number): number {
  return countAttempts(counts.filter(([others]) => others > most));
}

/** Returns the smallest crowd that at least `rank` attempts did not exceed. */
function findQuantile(counts: CrowdCounts, rank: number): number {
  let sum = 0;
  for (const [others, attempts] of counts) {
    sum += attempts;
    if (sum >= rank) return others;
  }
  return counts.at(-1)?.[0] ?? 0;
}
