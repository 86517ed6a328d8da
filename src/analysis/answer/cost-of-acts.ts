import { formatNumber } from '../../number-text.ts';
import type { ActCost, Answer, AnswerValue } from '../../result/records/answer.ts';
import { parseToldFigure } from '../../scenario/answer.ts';
import { hasActed } from '../beside/background.ts';
import { FEWEST_ROUNDS } from '../comparison/counted-rounds.ts';
import { findRank } from '../comparison/rank-interval.ts';
import { compareNumbers, medianOf } from '../figures/median.ts';
import { perSecond } from '../figures/per-second.ts';
import type { JudgedRun } from '../readings/reading.ts';
import { type Asked, type Clause, nameOf, readValue } from './asked.ts';
import { joinAnd } from './value-text.ts';

type Found = Required<Pick<Answer, 'costOfActs' | 'values'>> & { clause: Clause };

/**
 * Answers how many connects each act beside the load costs, for each variant with acts. The clients of a closed loop
 * connect as fast as they are served, so what they lose against the variant `without` acts is what the acts took.
 */
export function answerCostOfActs(without: string, asked: Asked): Found {
  const base = asked.runs.find(({ name }) => name === without);
  const acting = asked.runs.filter((run) => run !== base && hasActed(run.summary.background));
  if (base === undefined || acting.length === 0) {
    const text =
      base === undefined
        ? `${without} was not run`
        : 'no variant with acts beside the load was run';
    return { clause: { text, isRepeated: true }, costOfActs: [], values: [] };
  }
  const costs = acting.map((run) => weigh(run, base, without));
  const parts = costs.map((cost) => `${renderCost(cost)} with ${nameOf(asked.spec, cost.variant)}`);
  const isRepeated = costs.every(({ isInterval95, connects }) => isInterval95 || connects === null);
  const isKnown = costs.some(({ connects }) => connects !== null);
  const how = isRepeated ? ' (95 % intervals)' : ' (least and most of all pairs of rounds)';
  return {
    clause: {
      text: `the number of connects that each act costs${isKnown ? how : ''}: ${joinAnd(parts)}`,
      isRepeated,
    },
    costOfActs: costs,
    values: [],
  };
}

function weigh(run: JudgedRun, base: JudgedRun, without: string): ActCost {
  const variant = run.name ?? '';
  const actsPerSecond = sumActs(run);
  const told = { variant, without, actsPerSecond };
  const unknown = { connects: null, low: null, high: null, isInterval95: false };
  const flaw = [readRate(run), readRate(base)].find(({ low }) => low === null);
  if (flaw !== undefined) {
    const { invalid, reason = 'nothing was measured' } = flaw;
    return { ...told, ...unknown, reason, ...(invalid === true ? { invalid } : {}) };
  }
  if (actsPerSecond === null) return { ...told, ...unknown, reason: 'no act was done' };
  if (havePiledUp(run, base)) return { ...told, ...unknown, reason: PILED_UP };
  const [rates, baseRates] = [listRates(run), listRates(base)];
  const costs = baseRates
    .flatMap((rate) => rates.map((own) => (rate - own) / actsPerSecond))
    .sort(compareNumbers);
  if (costs.length === 0) return { ...told, ...unknown, reason: 'no round came to its end' };
  const rank =
    Math.min(rates.length, baseRates.length) < FEWEST_ROUNDS
      ? 0
      : findRank(rates.length, baseRates.length);
  const margin = Math.max(0, rank - 1);
  return {
    ...told,
    connects: medianOf(costs),
    low: costs[margin] ?? null,
    high: costs[costs.length - 1 - margin] ?? null,
    isInterval95: rank > 0,
  };
}

/**
 * If the server does not keep up, further acts take no more from the clients: they cannot lose more than all of their
 * connects.
 */
const PILED_UP = 'the server did not keep up with the acts';
/** If the typical act takes longer than this share of the load's time, the server does not keep up. */
const SLOW_ACT = 1 / 4;
/** Share of acts. */
const SKIPPED = 0.1;
/** If less than this share of the connects is left beside the acts, the acts have little more to take. */
const LEFT = 1 / 4;

/** Returns whether there were more acts than the server could do beside any connects: their cost is then too low. */
function havePiledUp({ summary }: JudgedRun, base: JudgedRun): boolean {
  const { background = [], rounds = [], rates } = summary;
  const legs = Math.max(1, rounds.length);
  const isSlow = background.some(
    ({ latency, actingUs, acts }) =>
      (latency?.p50Us ?? 0) > (actingUs / legs) * SLOW_ACT || acts.skipped > acts.due * SKIPPED,
  );
  return isSlow || rates.achievedPerSecond < base.summary.rates.achievedPerSecond * LEFT;
}

function readRate(run: JudgedRun): AnswerValue {
  const figure = parseToldFigure('achieved perSecond');
  if ('fault' in figure) throw new RangeError(figure.fault);
  return readValue(figure, run);
}

/** Returns the rate of acts that were done, of all activities together; null: none was done. */
function sumActs({ summary: { background = [] } }: JudgedRun): number | null {
  const sum = background.reduce(
    (all, { acts, actingUs }) => all + perSecond(acts.done, actingUs),
    0,
  );
  return sum > 0 ? sum : null;
}

/** Returns the connects per second of each round that came to its end. All of them last equally long. */
function listRates({ summary: { rounds = [], rates, accounting } }: JudgedRun): number[] {
  const ended = rounds.filter(({ stoppedBy }) => stoppedBy === 'end');
  if (ended.length !== rounds.length || rates.windowUs === 0) return [];
  const { ok } = accounting;
  // What was connected after the end of arrivals is in the counts of rounds, and not in the rate.
  const share = ok === 0 ? 0 : rates.achievedPerSecond / perSecond(ok, rates.windowUs);
  const roundUs = rates.windowUs / rounds.length;
  return ended.map((round) => share * perSecond(round.accounting.ok, roundUs));
}

/** Returns `0.81 (0.74 to 0.9)`, or `at most 0.9` if the cost may be 0. */
function renderCost({ connects, low, high, reason, invalid }: ActCost): string {
  if (invalid === true) return 'not known (invalid)';
  if (connects === null || low === null || high === null) {
    return `not known (${reason ?? 'nothing was measured'})`;
  }
  if (high <= 0) return 'none that could be seen';
  if (low <= 0) return `at most ${formatNumber(high)}`;
  return `${formatNumber(connects)} (${formatNumber(low)} to ${formatNumber(high)})`;
}
