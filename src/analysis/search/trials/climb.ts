import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import type { JudgedStep } from '../outcome.ts';
import { isSameRate } from './grid.ts';

/** State of the climb, the search's growing rates. */
export type Climb =
  | { kind: 'next'; ratePerSecond: number }
  /** The highest rate that may be tried was sustained. */
  | { kind: 'topped' }
  /** This rate was not sustained twice in a row, or it met a wall. */
  | { kind: 'bracketed'; firstBadPerSecond: number };

/**
 * Returns the state of the climb after its steps. A rate that was not sustained is tried once more before it counts,
 * because a single stall may be the reason. Steps that were connstorm's own fault, or that were held up, are ignored.
 */
export function followClimb(
  steps: readonly JudgedStep[],
  { growth, maxRatePerSecond = Number.POSITIVE_INFINITY }: SearchSettings,
  firstPerSecond: number,
): Climb {
  const climbed = steps.filter(
    ({ role, verdict }) => role === 'climb' && verdict !== 'invalid' && verdict !== 'held-up',
  );
  const last = climbed.at(-1);
  if (last === undefined) {
    return { kind: 'next', ratePerSecond: Math.min(firstPerSecond, maxRatePerSecond) };
  }
  if (last.verdict === 'wall') return { kind: 'bracketed', firstBadPerSecond: last.level };
  if (last.verdict === 'bad') {
    const before = climbed.at(-2);
    const isTwice = before?.verdict === 'bad' && isSameRate(before.level, last.level);
    if (isTwice) return { kind: 'bracketed', firstBadPerSecond: last.level };
    return { kind: 'next', ratePerSecond: last.level };
  }
  if (last.level >= maxRatePerSecond) return { kind: 'topped' };
  return { kind: 'next', ratePerSecond: Math.min(last.level * growth, maxRatePerSecond) };
}
