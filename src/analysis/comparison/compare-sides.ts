import type { Comparison } from '../../result/comparison.ts';
import type { CompareRecord, VariantsHeaderRecord } from '../../result/header.ts';
import { choosePrimary, listShown } from './choose-figures.ts';
import { describeFigure, judgeFigure, type Rounds } from './judge-figure.ts';
import { pairSides } from './list-sides.ts';
import { findInvalid, findMismatches, findOtherScenario, type Side } from './obstacles.ts';
import { isMerelyLate } from './round-values.ts';

/** Where neither the file nor a flag says. */
export const DEFAULT_COMPARE: CompareRecord = { relative: 0.05, absoluteUs: 1000, across: [] };

export interface CompareOptions {
  /** Why two sides should not be compared, a line each. */
  findObjections: (a: Side, b: Side) => string[];
  /** They are judged all the same, and marked. */
  isForced: boolean;
}

/**
 * Each side against the first: the primary figure, judged, then what is shown beside it. Nothing of searches, whose rates are of
 * their own choosing.
 */
export function compareSides(
  sides: readonly Side[],
  settings: CompareRecord,
  { findObjections, isForced }: CompareOptions,
): Comparison[] {
  const [baseline, ...others] = sides;
  if (baseline === undefined || sides.some(({ summary }) => summary.capacity !== null)) return [];
  const primary =
    settings.primary ??
    choosePrimary(
      sides.map(({ summary }) => summary),
      sides.every(asksQueries),
    );
  const b = toRounds(baseline);
  return others.flatMap((other) => {
    const a = toRounds(other);
    const reasons = findObjections(other, baseline);
    return [
      judgeFigure(a, b, primary, settings, { reasons, isForced }),
      ...listShown(other.summary, baseline.summary, primary).map((figure) =>
        describeFigure(a, b, figure, settings),
      ),
    ];
  });
}

function asksQueries({ record }: Side): boolean {
  const { connection } = record.spec as { connection?: { queries?: unknown } };
  return typeof connection?.queries === 'number' && connection.queries > 0;
}

function toRounds({ name, summary }: Side): Rounds {
  return { name, rounds: summary.rounds, isLate: isMerelyLate(summary) };
}

/** Of one run, as its scenario has it. */
export function compareVariants(
  { variants, compare = DEFAULT_COMPARE }: Pick<VariantsHeaderRecord, 'variants' | 'compare'>,
  summaries: readonly (readonly [name: string, summary: Side['summary']])[],
): Comparison[] {
  return compareSides(pairSides(variants, new Map(summaries)), compare, {
    findObjections: objectToVariants(compare),
    isForced: false,
  });
}

/** Between variants of one run, which differ in what they override and should differ in nothing else. */
export function objectToVariants(settings: CompareRecord): CompareOptions['findObjections'] {
  return (a, b) => [
    ...[b, a].flatMap((side) => findInvalid(side, settings)),
    ...findMismatches(a, b, settings.across),
  ];
}

/** Between results of the same scenario. A lab is another server each time. */
export function objectToResults(settings: CompareRecord): CompareOptions['findObjections'] {
  const across = [...settings.across, 'server' as const];
  return (a, b) => [
    ...[b, a].flatMap((side) => findInvalid(side, settings)),
    ...findOtherScenario(a, b, settings.across),
    ...findMismatches(a, b, across, (what) => `--across ${what}`),
  ];
}
