import type { CrowdCounts, CrowdRecord } from '../../model/crowd.ts';
import type { CompareRecord } from '../../result/records/header.ts';
import type { Aggregation } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { PRIMARY_AGGREGATION } from './choose-figures.ts';

/** The share of attempts beyond a quantile that our lateness may have put there. */
const TAIL_SHARE = 0.5;
/** Of all attempts, where the quantile leaves many beyond it. */
const MOST_SHARE = 0.05;
/** Beyond the largest of a run is nothing: it is taken for this one. */
const HIGHEST_QUANTILE = 0.999;
/** Fewer attempts are chance: when two due together are begun in another order of answers, their crowds change as well. */
const FEWEST_ATTEMPTS = 5;

/** Attempts that connstorm's lateness has put into a crowd. */
export interface Crowding {
  /** More others than this were in flight: at a share `q` of the due moments there would have been no more. */
  others: number;
  /** The share of attempts that met such a crowd, and that would have met one on time. */
  share: number;
  dueShare: number;
}

/**
 * Whether starts were bunched where none were due together, so that a quantile of service time is of another load than the
 * planned one; undefined where it is not.
 *
 * The slowest attempts are taken to be those that met the largest crowds. So the crowds at the quantile's own share of attempts are
 * compared: as many more attempts than planned as half of those beyond the quantile would make another figure of it. Lateness that moves
 * single starts by a little makes as many crowds smaller as larger, and is none.
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

/** How crowded one side of a comparison was, at the quantile that is judged. */
export function findCrowdingOf(
  { crowd }: { crowd?: CrowdRecord | undefined },
  { primary }: Pick<CompareRecord, 'primary'>,
): Crowding | undefined {
  const aggregation = primary?.aggregation ?? PRIMARY_AGGREGATION;
  return crowd === undefined ? undefined : findCrowding(crowd, aggregation);
}

/** What a person is told of it, without an end. */
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

/** The smallest crowd that at least `rank` attempts did not exceed. */
function findQuantile(counts: CrowdCounts, rank: number): number {
  let sum = 0;
  for (const [others, attempts] of counts) {
    sum += attempts;
    if (sum >= rank) return others;
  }
  return counts.at(-1)?.[0] ?? 0;
}
