import { formatNumber } from '../../number-text.ts';
import type { Answer, AnswerValue } from '../../result/records/answer.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import { parseToldFigure, sayBudgetFigure } from '../../scenario/answer.ts';
import type { BudgetFigure } from '../../scenario/budget.ts';
import { type Asked, type Clause, isRepeated, nameOf, readValue, refuseUnknown } from './asked.ts';
import { renderValue } from './value-text.ts';

type Found = Required<Pick<Answer, 'ratio' | 'values'>> & { clause: Clause };

/** Ratio between two ends; null: not known on that side. */
interface Ends {
  low: number | null;
  high: number | null;
  /** The ends are those of a 95 % interval over rounds. */
  interval?: true;
  /** Estimate of the interval; absent: it is itself only known to lie between bounds. */
  estimate?: number;
  isRepeated: boolean;
}

/** Answers how many times the figure of the second variant that of the first one is. */
export function answerRatio(text: string, [a, b]: readonly [string, string], asked: Asked): Found {
  const figure = parseToldFigure(text);
  const pair = [a, b].map((name) => asked.runs.find((run) => run.name === name));
  const [ofA, ofB] = pair;
  if ('fault' in figure || ofA === undefined || ofB === undefined) {
    const clause =
      'fault' in figure
        ? refuseUnknown(text)
        : { text: `${a} or ${b} was not run`, isRepeated: true };
    return {
      clause,
      ratio: { figure: text, a, b, low: null, high: null, reason: clause.text },
      values: [],
    };
  }
  const values = [readValue(figure, ofA), readValue(figure, ofB)] as const;
  const ends = findEnds(figure, [a, b], values, asked);
  const [nounA, nounB] = [nameOf(asked.spec, a), nameOf(asked.spec, b)];
  const shown = `${renderValue(values[0])} and ${renderValue(values[1])}`;
  // The comparison may know the ratio by its rounds, although a merged figure is invalid.
  const isShown = ends.interval !== true || !values.some(isUnknown);
  const isKnown = ends.low !== null || ends.high !== null;
  const words = sayBudgetFigure(figure);
  const { reason = 'nothing bounds it' } = values.find((value) => isUnknown(value)) ?? {};
  const sentence = isKnown
    ? `${words} with ${nounA} is ${renderEnds(ends)} that with ${nounB}${isShown ? ` (${shown})` : ''}${describeDoubt(ends)}`
    : `${words}: the ratio of ${nounA} to ${nounB} is not known (${shown})`;
  return {
    clause: { text: sentence, isRepeated: ends.isRepeated },
    ratio: {
      figure: text,
      a,
      b,
      low: ends.low,
      high: ends.high,
      ...(isKnown ? {} : { reason }),
    },
    values: [...values],
  };
}

function isUnknown({ low, high }: AnswerValue): boolean {
  return low === null && high === null;
}

/** Returns the ratio that the comparison found, if it has an interval; else that of the two values. */
function findEnds(
  figure: BudgetFigure,
  [a, b]: readonly [string, string],
  [ofA, ofB]: readonly [AnswerValue, AnswerValue],
  asked: Asked,
): Ends {
  const comparison = figure.kind === 'quantile' ? findComparison(figure, [a, b], asked) : undefined;
  if (comparison !== undefined && !countsOnBothSides(comparison)) {
    return { low: null, high: null, isRepeated: false };
  }
  const compared = comparison === undefined ? undefined : findInterval(comparison, a);
  if (compared !== undefined) return compared;
  const searched = figure.kind === 'named' && figure.name === 'capacity value';
  const capacity = searched ? findSearched([a, b], asked) : undefined;
  if (capacity !== undefined) return capacity;
  return {
    low: divide(ofA.low, ofB.high),
    high: divide(ofA.high, ofB.low),
    // Without an interval it is not known how much the ratio differs between rounds. Capacities are intervals.
    isRepeated:
      figure.metric === 'capacity' &&
      isRepeated(
        figure,
        asked.runs.filter(({ name }) => name === a || name === b),
      ),
  };
}

function findComparison(
  figure: Extract<BudgetFigure, { kind: 'quantile' }>,
  [a, b]: readonly [string, string],
  { comparison }: Asked,
): Comparison | undefined {
  return comparison.find(
    (it) =>
      it.metric === figure.metric &&
      it.aggregation === figure.aggregation &&
      ((it.a === a && it.b === b) || (it.a === b && it.b === a)),
  );
}

/** Returns whether each side has a whole round. A part of a round says little about the side. */
function countsOnBothSides({ aRounds, bRounds }: Comparison): boolean {
  return aRounds.counted > 0 && bRounds.counted > 0;
}

/** Returns the interval of a comparison, as a ratio of `a` to the other side; undefined if it has none. */
function findInterval(found: Comparison, a: string): Ends | undefined {
  const { low, high, ratio, ratioIs, reasons = [] } = found;
  if (low === null || high === null || (found.primary && reasons.length > 0)) return undefined;
  const estimate = ratioIs === undefined ? ratio : null;
  const ends = { interval: true, isRepeated: true } as const;
  return found.a === a
    ? { low, high, ...ends, ...(estimate === null ? {} : { estimate }) }
    : {
        low: 1 / high,
        high: 1 / low,
        ...ends,
        ...(estimate === null ? {} : { estimate: 1 / estimate }),
      };
}

function findSearched([a, b]: readonly [string, string], { capacities }: Asked): Ends | undefined {
  const found = capacities.find((it) => (it.a === a && it.b === b) || (it.a === b && it.b === a));
  if (found === undefined) return undefined;
  const { low, high } = found;
  const isJudged = found.verdict !== 'descriptive';
  if (found.a === a) return { low, high, isRepeated: isJudged };
  return { low: divide(1, high), high: divide(1, low), isRepeated: isJudged };
}

function divide(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null || divisor === 0 ? null : dividend / divisor;
}

function renderEnds({ low, high, interval, estimate }: Ends): string {
  if (low === null) return `at most ${formatNumber(high ?? 0)} times`;
  if (high === null) return `at least ${formatNumber(low)} times`;
  const [least, most] = [formatNumber(low), formatNumber(high)];
  if (estimate !== undefined) {
    return `${formatNumber(estimate)} times (95 % interval ${least} to ${most})`;
  }
  const times = least === most ? `${least} times` : `${least} to ${most} times`;
  return interval === true ? `${times} (95 % interval)` : times;
}

/** Returns that the ratio allows more than one answer; an empty text if it does not. */
function describeDoubt({ low, high }: Ends): string {
  const isSure = (low !== null && low >= 1) || (high !== null && high <= 1);
  return isSure ? '' : ', so which of the two is higher is not known';
}
