import type { Comparison } from '../../result/records/comparison.ts';
import type { CompareRecord, VariantsHeaderRecord } from '../../result/records/header.ts';
import { isMerelyLate, isShortOfCpu } from '../validity/merely-late.ts';
import { type Asked, choosePrimary, listShown } from './choose-figures.ts';
import { judgeCounted, listLeftOut, pickCounted, sortRounds } from './counted-rounds.ts';
import { describeFigure, judgeFigure, type Rounds } from './judge-figure.ts';
import { pairSides } from './list-sides.ts';
import {
  describeCut,
  findCutSearch,
  findInvalid,
  findMismatches,
  findOtherScenario,
  type Side,
} from './obstacles.ts';

/** Settings if neither the file nor a flag has any. */
export const DEFAULT_COMPARE: CompareRecord = { relative: 0.05, absoluteUs: 1000, across: [] };

export interface CompareOptions {
  /** Returns why two sides should not be compared, a line each. */
  findObjections: (a: Side, b: Side) => string[];
  /** True: sides are judged in spite of objections, and marked. */
  isForced: boolean;
}

/**
 * Compares each side with the first one: the primary figure, which is judged, then the figures beside it. Returns an
 * empty list for searches, which choose their own rates. With `isForced`, a search beside another load is compared, but
 * without a verdict.
 */
export function compareSides(
  sides: readonly Side[],
  settings: CompareRecord,
  { findObjections, isForced }: CompareOptions,
): Comparison[] {
  const [baseline, ...others] = sides;
  const searched = sides.filter(({ summary }) => summary.capacity !== null);
  const isMixed = searched.length > 0 && searched.length < sides.length;
  if (baseline === undefined || (searched.length > 0 && !(isMixed && isForced))) return [];
  const unforceable = searched.map(({ name }) => `${name} was a search, which chose its own rates`);
  const primary =
    settings.primary ??
    choosePrimary(
      sides.map(({ summary }) => summary),
      findAsked(sides),
    );
  const b = toRounds(baseline, isForced);
  return others.flatMap((other) => {
    const a = toRounds(other, isForced);
    const reasons = findObjections(other, baseline);
    return [
      judgeFigure(a, b, primary, settings, { reasons, unforceable, isForced }),
      ...listShown(other.summary, baseline.summary, primary).map((figure) =>
        describeFigure(a, b, figure, settings),
      ),
    ];
  });
}

function findAsked(sides: readonly Side[]): Asked {
  if (sides.every(hasStatements)) return 'statements';
  return sides.every((side) => hasStatements(side) || asksQueries(side)) ? 'queries' : 'nothing';
}

function asksQueries({ record }: Side): boolean {
  const { connection } = record.spec as { connection?: { queries?: unknown } };
  return typeof connection?.queries === 'number' && connection.queries > 0;
}

function hasStatements({ record }: Side): boolean {
  const { connection } = record.spec as { connection?: { statements?: unknown } };
  return Array.isArray(connection?.statements);
}

function toRounds({ name, summary }: Side, isForced: boolean): Rounds {
  const { rounds, roundsPlanned: planned } = summary;
  const counted = pickCounted(rounds, isForced);
  const judged = { ...summary, validity: judgeCounted(summary) };
  return {
    name,
    rounds,
    counted,
    unknown: sortRounds(rounds).unknown.filter((round) => !counted.includes(round)),
    leftOut: listLeftOut(rounds, counted),
    planned,
    cut: describeCut(summary),
    isLate: isMerelyLate(judged),
    isShortOfCpu: isShortOfCpu(judged),
  };
}

/** Compares the variants of one run, with the settings of its scenario. */
export function compareVariants(
  { variants, compare = DEFAULT_COMPARE }: Pick<VariantsHeaderRecord, 'variants' | 'compare'>,
  summaries: readonly (readonly [name: string, summary: Side['summary']])[],
): Comparison[] {
  return compareSides(pairSides(variants, new Map(summaries)), compare, {
    findObjections: objectToVariants(compare),
    isForced: false,
  });
}

function findFlaws(side: Side, settings: CompareRecord): string[] {
  return [...findCutSearch(side), ...findInvalid(side, settings)];
}

/** Returns the objections between variants of one run. They should differ only in what they override. */
export function objectToVariants(settings: CompareRecord): CompareOptions['findObjections'] {
  return (a, b) => [
    ...[b, a].flatMap((side) => findFlaws(side, settings)),
    ...findMismatches(a, b, settings.across),
  ];
}

/**
 * Returns the objections between results of the same scenario. A lab is another server each time, so `server` may
 * differ.
 */
export function objectToResults(settings: CompareRecord): CompareOptions['findObjections'] {
  const across = [...settings.across, 'server' as const];
  return (a, b) => [
    ...[b, a].flatMap((side) => findFlaws(side, settings)),
    ...findOtherScenario(a, b, settings.across),
    ...findMismatches(a, b, across, (what) => `--across ${what}`),
  ];
}
