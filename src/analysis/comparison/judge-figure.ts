import type { Comparison } from '../../result/comparison.ts';
import type { RoundSummary } from '../../result/summary-records.ts';
import { type Figure, renderFigureName } from '../../scenario/figure.ts';
import { type Bounds, estimateRatio, medianBounds } from './ratio.ts';
import { findShare, listValues, pickWhole } from './round-values.ts';
import { findMargin, judgeInterval, type MarginSettings } from './verdict.ts';

/** Fewer rounds can tell a difference only from noise that is known to be small, and nobody knows that. */
export const FEWEST_ROUNDS = 5;

/** One of those that are compared. */
export interface Rounds {
  name: string;
  /** All that were begun; those that were cut short or are invalid by themselves do not count. */
  rounds: readonly RoundSummary[];
  /** Over all of them connstorm was late, and nothing else is wrong. */
  isLate: boolean;
}

/** What stands against a verdict, and whether it is to be given all the same. */
export interface Objections {
  reasons: readonly string[];
  isForced: boolean;
}

/** The primary figure of `a` against the baseline `b`, judged. */
export function judgeFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
  { reasons, isForced }: Objections,
): Comparison {
  const described = describeFigure(a, b, figure, margins);
  const obstacles = [...reasons, ...findObstacles(described, a, b)];
  const isJudged = obstacles.length === 0 || (isForced && obstacles.length === reasons.length);
  const { low, high, margin } = described;
  const judged =
    isJudged && margin !== null
      ? judgeInterval({ low: low ?? 0, high: high ?? Infinity }, margin)
      : 'descriptive';
  return {
    ...described,
    primary: true,
    verdict: judged,
    ...(obstacles.length === 0 ? {} : { reasons: obstacles }),
    ...(isJudged && obstacles.length > 0 ? { forced: true } : {}),
  };
}

/** What no force gives a verdict in spite of. */
function findObstacles(described: Comparison, a: Rounds, b: Rounds): string[] {
  const empty = [a, b].filter(({ rounds }) => pickWhole(rounds).length === 0);
  if (empty.length > 0) return empty.map(({ name }) => `no round of ${name} is whole and valid`);
  const { n, aUs, bUs } = described;
  const figure = renderFigureName(described);
  const without = [...(aUs === null ? [a.name] : []), ...(bUs === null ? [b.name] : [])];
  if (without.length > 0) {
    return [`${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no ${figure}`];
  }
  if (n >= FEWEST_ROUNDS) return [];
  const rounds = n === 1 ? 'one round' : `${n} rounds`;
  return [`${rounds}, and a verdict takes ${FEWEST_ROUNDS} (--repeat ${FEWEST_ROUNDS})`];
}

/** A figure of `a` beside that of the baseline `b`, not judged. */
export function describeFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
): Comparison {
  const [roundsA, roundsB] = [pickWhole(a.rounds), pickWhole(b.rounds)];
  const [valuesA, valuesB] = [listValues(roundsA, figure, a), listValues(roundsB, figure, b)];
  const [levelA, levelB] = [medianBounds(valuesA), medianBounds(valuesB)];
  const isEmpty = levelA === null || levelB === null;
  const ratio = isEmpty ? null : estimateRatio(valuesA, valuesB);
  return {
    ...figure,
    a: a.name,
    b: b.name,
    primary: false,
    verdict: 'descriptive',
    ...describeEstimate(ratio?.estimate ?? null),
    low: orNull(ratio?.interval?.low),
    high: orNull(ratio?.interval?.high),
    n: Math.min(valuesA.length, valuesB.length),
    aUs: describeLevel(levelA),
    bUs: describeLevel(levelB),
    ...nameBounds('atLeast', levelA, levelB, ({ high }) => !Number.isFinite(high)),
    ...nameBounds('late', levelA, levelB, ({ high }) => Number.isFinite(high)),
    aShare: findShare(roundsA, figure),
    bShare: findShare(roundsB, figure),
    margin: levelB === null ? null : findMargin(Math.max(1, levelB.low), margins),
  };
}

/** Of two bounds the one that claims less: how many times as slow at least, as fast at most. */
function describeEstimate(estimate: Bounds | null): Pick<Comparison, 'ratio' | 'ratioIs'> {
  if (estimate === null) return { ratio: null };
  const { low, high } = estimate;
  if (low === high) return { ratio: low };
  if (Number.isFinite(high) && (high < 1 || low < 1)) return { ratio: high, ratioIs: 'at-most' };
  return low > 0 ? { ratio: low, ratioIs: 'at-least' } : { ratio: null };
}

/** An open end has no number. */
function orNull(end: number | undefined): number | null {
  return end === undefined || end === 0 || !Number.isFinite(end) ? null : end;
}

/** What was measured, with whatever lateness there is in it; else what it is at least. */
function describeLevel(level: Bounds | null): number | null {
  if (level === null) return null;
  return Number.isFinite(level.high) ? level.high : level.low;
}

/** The sides whose level is a bound of that kind; nothing where none is. */
function nameBounds<Name extends 'atLeast' | 'late'>(
  name: Name,
  a: Bounds | null,
  b: Bounds | null,
  isOfKind: (level: Bounds) => boolean,
): Partial<Record<Name, ('a' | 'b')[]>> {
  const isNamed = (level: Bounds | null): boolean =>
    level !== null && level.low !== level.high && isOfKind(level);
  const sides = [...(isNamed(a) ? ['a' as const] : []), ...(isNamed(b) ? ['b' as const] : [])];
  return sides.length === 0 ? {} : ({ [name]: sides } as Record<Name, ('a' | 'b')[]>);
}
