import { formatCounted, nounOf } from '../../counted.ts';
import type { Comparison, LeftOut, RoundsUsed } from '../../result/records/comparison.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import { type Figure, renderFigureName } from '../../scenario/figure.ts';
import { isShortOfCpu } from '../validity/merely-late.ts';
import { FEWEST_ROUNDS, sortRounds } from './counted-rounds.ts';
import { describeOpen, LEFT_OUT, listOpenEnds, type OpenEnds } from './open-ends.ts';
import { type Bounds, estimateRatio, medianBounds } from './ratio.ts';
import { findShare, isLateBeyond, listValues } from './round-values.ts';
import { findMargin, judgeInterval, type MarginSettings } from './verdict.ts';

/** The rounds of one side of a comparison. */
export interface Rounds {
  name: string;
  /** All rounds that were begun. Those that were cut short or are invalid by themselves do not count. */
  rounds: readonly RoundSummary[];
  /** The rounds whose figures are compared. */
  counted: readonly RoundSummary[];
  /** Rounds that are left out and may have taken any time at all. */
  unknown: readonly RoundSummary[];
  /** All rounds that are left out, by reason. */
  leftOut: readonly LeftOut[];
  /** Number of rounds that were planned. */
  planned: number;
  /** Early end of the run, as in `was interrupted`; undefined: it came to its end. */
  cut: string | undefined;
  /** Over all rounds together, connstorm was late, and nothing else is wrong. */
  isLate: boolean;
  /** Over all rounds together, connstorm was late because it waited for a CPU, and nothing else is wrong. */
  isShortOfCpu: boolean;
}

/** Reasons against a verdict, and whether to give it in spite of them. */
export interface Objections {
  reasons: readonly string[];
  /** Reasons that no force overrides. */
  unforceable: readonly string[];
  isForced: boolean;
}

/** Judges the primary figure of `a` against the baseline `b`. */
export function judgeFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
  { reasons: objections, unforceable, isForced }: Objections,
): Comparison {
  const reading = readFigure(a, b, figure, margins);
  const described = describeReading(a, b, figure, margins, reading);
  const reasons = [...objections, ...(isForced ? [b, a].flatMap(describeForced) : [])];
  const obstacles = [...reasons, ...unforceable, ...findObstacles(described, a, b)];
  const isJudged = obstacles.length === 0 || (isForced && obstacles.length === reasons.length);
  const { low, high } = described;
  const levelB = reading[1].level;
  const judged =
    isJudged && levelB !== null
      ? judgeInterval({ low: low ?? 0, high: high ?? Infinity }, levelB, margins)
      : 'descriptive';
  return {
    ...described,
    primary: true,
    verdict: judged,
    ...(obstacles.length === 0 ? {} : { reasons: obstacles }),
    ...(isJudged && obstacles.length > 0 ? { forced: true } : {}),
  };
}

/** Returns a note on the rounds that count only because of force. */
function describeForced({ name, rounds, counted }: Rounds): string[] {
  const flawed = counted.length - sortRounds(rounds).counted.length;
  if (flawed <= 0) return [];
  return [
    `${flawed} of ${name}'s ${formatCounted(rounds.length, 'round')} ${nounOf(flawed, 'is invalid or was cut short, and was compared all the same', 'are invalid or were cut short, and were compared all the same')}`,
  ];
}

/** Returns the obstacles to a verdict that no force overrides. */
function findObstacles(described: Comparison, a: Rounds, b: Rounds): string[] {
  const empty = [a, b].filter(({ counted }) => counted.length === 0);
  if (empty.length > 0) {
    return empty.map(
      ({ name, rounds, cut }) =>
        `no round of ${name} is whole and valid${describeCut(cut)}${describeFlaws(rounds, [])}`,
    );
  }
  const { n, aUs, bUs } = described;
  const figure = renderFigureName(described);
  const without = [...(aUs === null ? [a.name] : []), ...(bUs === null ? [b.name] : [])];
  if (without.length > 0) {
    const isUnscheduled = described.metric === 'latency' && [a, b].every(hasServiceTime);
    const why = isUnscheduled ? ' (a closed loop has no schedule: use serviceTime)' : '';
    return [`${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no ${figure}${why}`];
  }
  if (n >= FEWEST_ROUNDS) return [];
  const spoilt = [a, b].filter(
    ({ planned, counted }) => planned >= FEWEST_ROUNDS && counted.length < FEWEST_ROUNDS,
  );
  const takes = `a verdict needs ${FEWEST_ROUNDS}`;
  if (spoilt.length > 0) {
    return spoilt.map(
      ({ name, planned, rounds, counted, cut }) =>
        `${counted.length} of ${name}'s ${formatCounted(planned, 'round')} ${nounOf(counted.length, 'is', 'are')} whole and valid${describeCut(cut)}, but ${takes}${describeFlaws(rounds, counted)}`,
    );
  }
  const rounds = n === 1 ? 'there is one round' : `there are ${n} rounds`;
  return [`${rounds}, but ${takes} (--repeat ${FEWEST_ROUNDS})`];
}

/** Returns why rounds that do not count are invalid: each code with its number of rounds, and the first message. */
function describeFlaws(rounds: readonly RoundSummary[], counted: readonly RoundSummary[]): string {
  const flawed = rounds.filter((round) => !counted.includes(round) && !round.validity.valid);
  const reasons = flawed.flatMap(({ validity }) => validity.reasons);
  const [first] = reasons;
  if (first === undefined) return '';
  const codes = [...new Set(reasons.map(({ code }) => code))].map(
    (code) => `${code} in ${flawed.filter((round) => hasReason(round, code)).length}`,
  );
  return `. Invalid rounds: ${codes.join(', ')}. ${first.code}: ${first.message}`;
}

function hasReason({ validity }: RoundSummary, code: string): boolean {
  return validity.reasons.some((reason) => reason.code === code);
}

function describeCut(cut: string | undefined): string {
  return cut === undefined ? '' : ` (the run ${cut})`;
}

function hasServiceTime({ rounds }: Rounds): boolean {
  return rounds.some(({ metrics }) => metrics.serviceTime !== undefined);
}

/** Returns a figure of `a` beside that of the baseline `b`, without a verdict. */
export function describeFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
): Comparison {
  return describeReading(a, b, figure, margins, readFigure(a, b, figure, margins));
}

function describeReading(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
  [ofA, ofB]: readonly [Reading, Reading],
): Comparison {
  const isEmpty = ofA.level === null || ofB.level === null;
  const ratio = isEmpty ? null : estimateRatio(ofA.values, ofB.values);
  return {
    ...figure,
    a: a.name,
    b: b.name,
    primary: false,
    verdict: 'descriptive',
    ...describeEstimate(ratio?.estimate ?? null),
    low: orNull(ratio?.interval?.low),
    high: orNull(ratio?.interval?.high),
    ...(isEmpty ? {} : describeOpen(ofA.openEnds, ofB.openEnds)),
    n: Math.min(ofA.n, ofB.n),
    aRounds: describeRounds(a),
    bRounds: describeRounds(b),
    aUs: describeLevel(ofA),
    bUs: describeLevel(ofB),
    ...describeRange('aRangeUs', ofA),
    ...describeRange('bRangeUs', ofB),
    ...nameSides('atLeast', isLeast(ofA), isLeast(ofB)),
    ...nameSides('late', isLateIn(ofA), isLateIn(ofB)),
    aShare: findShare([...a.counted, ...a.unknown], figure),
    bShare: findShare([...b.counted, ...b.unknown], figure),
    margin: ofB.level === null ? null : findMargin(Math.max(1, ofB.level.low), margins),
  };
}

function describeRounds({ counted, planned, leftOut }: Rounds): RoundsUsed {
  const without = leftOut.length === 0 ? {} : { leftOut: [...leftOut] };
  return { counted: counted.length, planned, ...without };
}

/** Values of a figure in the rounds of one side. */
interface Reading {
  /**
   * One for each round that counts, and an unbounded one for each round that is unknown; empty if no round has the
   * metric.
   */
  values: Bounds[];
  /** Causes that left the ends of each value open. */
  openEnds: OpenEnds[];
  /** Number of values from rounds that count. */
  n: number;
  /** Median of the values. */
  level: Bounds | null;
  /** True: the median of the rounds that count is a range, only because of connstorm's own lateness. */
  isLate: boolean;
}

/** Value of an unknown round: it is not even known that the round was slow. */
const ANYTHING: Bounds = { low: 0, high: Infinity };

/**
 * Returns the figure of both sides, `a` first. It allows for lateness that made a side invalid, or that exceeds what
 * counts as a difference. Otherwise a late connstorm would look like a slow server.
 */
function readFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
): [Reading, Reading] {
  const base = medianBounds(listValues(b.counted, figure, b))?.low ?? 0;
  const matterUs = Math.max(margins.absoluteUs, margins.relative * base);
  return [readSide(a, figure, matterUs), readSide(b, figure, matterUs)];
}

function readSide(side: Rounds, figure: Figure, matterUs: number): Reading {
  const { counted, unknown } = side;
  const isLate = side.isLate || isShort(side) || isLateBeyond(counted, figure, matterUs);
  const known = listValues(counted, figure, { ...side, isLate });
  const values = known.length === 0 ? [] : [...known, ...unknown.map(() => ANYTHING)];
  const level = medianBounds(known);
  const openEnds = listOpenEnds(known, counted, figure, side.isShortOfCpu);
  return {
    values,
    openEnds: values.map((_, index) => openEnds[index] ?? LEFT_OUT),
    n: known.length,
    level: medianBounds(values),
    isLate: isLate && level !== null && level.low !== level.high && Number.isFinite(level.high),
  };
}

function isShort({ isShortOfCpu: isShortTogether, counted }: Rounds): boolean {
  return isShortTogether || counted.some(isShortOfCpu);
}

/**
 * Returns the bound of the ratio that claims less: the upper one (`at-most`) if it is finite and the lower one is below
 * 1, else the lower one (`at-least`); null if that is 0.
 */
function describeEstimate(
  estimate: Bounds | null,
): Pick<Comparison, 'ratio' | 'ratioIs' | 'ratioRange'> {
  if (estimate === null) return { ratio: null };
  const { low, high } = estimate;
  if (low === high) return { ratio: low };
  const isBetween = low > 0 && Number.isFinite(high);
  const between: Pick<Comparison, 'ratioRange'> = isBetween ? { ratioRange: [low, high] } : {};
  if (Number.isFinite(high) && low < 1) return { ratio: high, ratioIs: 'at-most', ...between };
  return low > 0 ? { ratio: low, ratioIs: 'at-least', ...between } : { ratio: null };
}

/** Returns null for an open end. */
function orNull(end: number | undefined): number | null {
  return end === undefined || end === 0 || !Number.isFinite(end) ? null : end;
}

/** Returns the measured level, with the lateness in it; for a level that is a bound, its lower end. */
function describeLevel(reading: Reading): number | null {
  const { level } = reading;
  if (level === null) return null;
  return isLateIn(reading) || level.low === level.high ? level.high : level.low;
}

/** Returns both ends if neither is open. */
function describeRange(name: 'aRangeUs' | 'bRangeUs', { level }: Reading): Partial<Comparison> {
  if (level === null || level.low === level.high) return {};
  const { low, high } = level;
  return low > 0 && Number.isFinite(high) ? { [name]: [low, high] } : {};
}

/** Returns whether the level is a bound because values or rounds are missing. */
function isLeast(reading: Reading): boolean {
  const { level } = reading;
  return level !== null && level.low !== level.high && !isLateIn(reading);
}

/** Returns whether the level is a bound because of connstorm's own lateness. */
function isLateIn({ level, isLate }: Reading): boolean {
  return isLate && level !== null && Number.isFinite(level.high);
}

/** Returns a field with the sides for which it holds; no field if it holds for none. */
function nameSides<Name extends 'atLeast' | 'late'>(
  name: Name,
  a: boolean,
  b: boolean,
): Partial<Record<Name, ('a' | 'b')[]>> {
  const sides = [...(a ? ['a' as const] : []), ...(b ? ['b' as const] : [])];
  return sides.length === 0 ? {} : ({ [name]: sides } as Record<Name, ('a' | 'b')[]>);
}
