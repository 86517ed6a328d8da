import { formatCounted, nounOf } from '../../counted.ts';
import type { Comparison, LeftOut, RoundsUsed } from '../../result/records/comparison.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import { type Figure, renderFigureName } from '../../scenario/figure.ts';
import { isShortOfCpu } from '../validity/merely-late.ts';
import { FEWEST_ROUNDS, sortRounds } from './counted-rounds.ts';
import { type Bounds, estimateRatio, medianBounds } from './ratio.ts';
import { findShare, isLateBeyond, listValues } from './round-values.ts';
import { findMargin, judgeInterval, type MarginSettings } from './verdict.ts';

/** One of those that are compared. */
export interface Rounds {
  name: string;
  /** All that were begun; those that were cut short or are invalid by themselves do not count. */
  rounds: readonly RoundSummary[];
  /** Those of them whose figures are compared. */
  counted: readonly RoundSummary[];
  /** Those that are left out, and may have taken any time at all. */
  unknown: readonly RoundSummary[];
  /** All that are left out, by the reason. */
  leftOut: readonly LeftOut[];
  /** How many there were to be. */
  planned: number;
  /** What ended them before that, as in `was interrupted`; undefined: nothing did. */
  cut: string | undefined;
  /** Over all of them connstorm was late, and nothing else is wrong. */
  isLate: boolean;
  /** Over all rounds together connstorm was late because it waited for a CPU, and nothing else is wrong. */
  isShortOfCpu: boolean;
}

/** What stands against a verdict, and whether it is to be given all the same. */
export interface Objections {
  reasons: readonly string[];
  /** The same, which no force overrides. */
  unforceable: readonly string[];
  isForced: boolean;
}

/** The primary figure of `a` against the baseline `b`, judged. */
export function judgeFigure(
  a: Rounds,
  b: Rounds,
  figure: Figure,
  margins: MarginSettings,
  { reasons: objections, unforceable, isForced }: Objections,
): Comparison {
  const reading = readFigure(a, b, figure, margins);
  const described = describeReading(a, b, figure, margins, reading);
  const reasons = [...objections, ...(isForced ? [b, a].flatMap(tellForced) : [])];
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

/** Which of the rounds count by force alone. */
function tellForced({ name, rounds, counted }: Rounds): string[] {
  const flawed = counted.length - sortRounds(rounds).counted.length;
  if (flawed <= 0) return [];
  return [
    `${flawed} of ${name}'s ${formatCounted(rounds.length, 'round')} ${nounOf(flawed, 'is invalid or was cut short, and was compared all the same', 'are invalid or were cut short, and were compared all the same')}`,
  ];
}

/** What no force gives a verdict in spite of. */
function findObstacles(described: Comparison, a: Rounds, b: Rounds): string[] {
  const empty = [a, b].filter(({ counted }) => counted.length === 0);
  if (empty.length > 0) {
    return empty.map(
      ({ name, rounds, cut }) =>
        `no round of ${name} is whole and valid${tellCut(cut)}${tellFlaws(rounds, [])}`,
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
        `${counted.length} of ${name}'s ${formatCounted(planned, 'round')} ${nounOf(counted.length, 'is', 'are')} whole and valid${tellCut(cut)}, but ${takes}${tellFlaws(rounds, counted)}`,
    );
  }
  const rounds = n === 1 ? 'there is one round' : `there are ${n} rounds`;
  return [`${rounds}, but ${takes} (--repeat ${FEWEST_ROUNDS})`];
}

/** What made rounds invalid that do not count: the codes and how many rounds have each, and the first one's words. */
function tellFlaws(rounds: readonly RoundSummary[], counted: readonly RoundSummary[]): string {
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

function tellCut(cut: string | undefined): string {
  return cut === undefined ? '' : ` (the run ${cut})`;
}

function hasServiceTime({ rounds }: Rounds): boolean {
  return rounds.some(({ metrics }) => metrics.serviceTime !== undefined);
}

/** A figure of `a` beside that of the baseline `b`, not judged. */
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
  const told = leftOut.length === 0 ? {} : { leftOut: [...leftOut] };
  return { counted: counted.length, planned, ...told };
}

/** What the rounds of a side say of a figure. */
interface Reading {
  /** Of each round that counts, and anything at all of each that is unknown; empty where no round has the metric. */
  values: Bounds[];
  /** How many of them are of rounds that count. */
  n: number;
  /** Their median. */
  level: Bounds | null;
  /** The median of the rounds that count is a range because of our own lateness, and of nothing else. */
  isLate: boolean;
}

/** Nothing is known of such a round, not even that it was slow. */
const ANYTHING: Bounds = { low: 0, high: Infinity };

/**
 * What both sides say of a figure, `a` first. Lateness is allowed for where it made a side invalid, and where it is more than what would
 * count as a difference: else a client that was late would be a server that is slow.
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
  return {
    values,
    n: known.length,
    level: medianBounds(values),
    isLate: isLate && level !== null && level.low !== level.high && Number.isFinite(level.high),
  };
}

function isShort({ isShortOfCpu: isShortTogether, counted }: Rounds): boolean {
  return isShortTogether || counted.some(isShortOfCpu);
}

/** Of two bounds the one that claims less: how many times as slow at least, as fast at most. */
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

/** An open end has no number. */
function orNull(end: number | undefined): number | null {
  return end === undefined || end === 0 || !Number.isFinite(end) ? null : end;
}

/** What was measured, with whatever lateness there is in it; else what it is at least. */
function describeLevel(reading: Reading): number | null {
  const { level } = reading;
  if (level === null) return null;
  return isLateIn(reading) || level.low === level.high ? level.high : level.low;
}

/** Both ends, where neither is open. */
function describeRange(name: 'aRangeUs' | 'bRangeUs', { level }: Reading): Partial<Comparison> {
  if (level === null || level.low === level.high) return {};
  const { low, high } = level;
  return low > 0 && Number.isFinite(high) ? { [name]: [low, high] } : {};
}

/** A bound for want of values, or of rounds. */
function isLeast(reading: Reading): boolean {
  const { level } = reading;
  return level !== null && level.low !== level.high && !isLateIn(reading);
}

/** A bound because of our own lateness. */
function isLateIn({ level, isLate }: Reading): boolean {
  return isLate && level !== null && Number.isFinite(level.high);
}

/** The sides for which it holds; nothing where it holds for none. */
function nameSides<Name extends 'atLeast' | 'late'>(
  name: Name,
  a: boolean,
  b: boolean,
): Partial<Record<Name, ('a' | 'b')[]>> {
  const sides = [...(a ? ['a' as const] : []), ...(b ? ['b' as const] : [])];
  return sides.length === 0 ? {} : ({ [name]: sides } as Record<Name, ('a' | 'b')[]>);
}
