import type { SearchSettings } from '../../scenario/search-settings.ts';
import type { JudgedStep } from './outcome.ts';

/** How far the growing rates have come. */
export type Climb =
  | { kind: 'next'; ratePerSecond: number }
  /** The highest rate that may be tried was sustained. */
  | { kind: 'topped' }
  /** From the first of two rates in a row that were not sustained (or one that was refused, or the highest there may be). */
  | { kind: 'bracketed'; firstBadPerSecond: number };

/** What the climb's steps come to, each rate counted by its last step. Those that were connstorm's fault say nothing. */
export function followClimb(
  steps: readonly JudgedStep[],
  { growth, maxRatePerSecond = Number.POSITIVE_INFINITY }: SearchSettings,
  firstPerSecond: number,
): Climb {
  const climbed = steps.filter(({ role, verdict }) => role === 'climb' && verdict !== 'invalid');
  const last = climbed.at(-1);
  if (last === undefined) {
    return { kind: 'next', ratePerSecond: Math.min(firstPerSecond, maxRatePerSecond) };
  }
  const before = climbed.at(-2);
  if (last.verdict === 'wall') return { kind: 'bracketed', firstBadPerSecond: last.level };
  if (last.verdict === 'bad' && before?.verdict === 'bad') {
    return { kind: 'bracketed', firstBadPerSecond: before.level };
  }
  if (last.level < maxRatePerSecond) {
    return { kind: 'next', ratePerSecond: Math.min(last.level * growth, maxRatePerSecond) };
  }
  if (last.verdict === 'good') return { kind: 'topped' };
  return { kind: 'bracketed', firstBadPerSecond: last.level };
}
