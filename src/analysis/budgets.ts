import { formatCounted, nounOf } from '../counted.ts';
import { rankOf } from '../model/histogram.ts';
import type { OpeningRecord } from '../result/records/background.ts';
import type { BudgetResult } from '../result/records/summary-records.ts';
import {
  type Budget,
  type BudgetFigure,
  isFloor,
  nameBudget,
  parseBudget,
} from '../scenario/budget.ts';
import { findDisturbed, findFlaw, findOwnDelay } from './budget-flaws.ts';
import { countTries } from './comparison/round-values.ts';
import { QUANTILES } from './figures/quantiles.ts';
import { readBackground } from './readings/background-figures.ts';
import { readNamed } from './readings/named-figures.ts';
import type { JudgedRun, Reading } from './readings/reading.ts';

/**
 * Judges each budget for each run that it applies to. A budget passes only if that is certain: the measurement is
 * valid, came to its end and has values. A quantile ranks attempts without a value behind all others.
 */
export function judgeBudgets(texts: readonly string[], runs: readonly JudgedRun[]): BudgetResult[] {
  return texts.flatMap((text) => {
    const budget = parseBudget(text);
    // The budget is of a newer version. This version can read the rest of the file.
    if ('fault' in budget) return [unknownBudget(text, budget.fault)];
    const judged = runs.filter(
      ({ name }) => budget.variant === undefined || budget.variant === name,
    );
    if (judged.length === 0) return [unknownBudget(text, 'no such variant was run', budget)];
    return judged.map((run) => ({
      budget: nameBudget(budget, runs.length > 1 ? run.name : undefined),
      ...judgeBudget(budget, run),
    }));
  });
}

function unknownBudget(text: string, reason: string, budget?: Budget): BudgetResult {
  return {
    budget: text,
    verdict: 'not-judged',
    unit: budget?.figure.unit ?? 'count',
    bound: budget?.bound ?? null,
    low: null,
    high: null,
    reason,
  };
}

/** Judges one budget for one run. */
export function judgeBudget(budget: Budget, run: JudgedRun): Omit<BudgetResult, 'budget'> {
  const { figure, bound } = budget;
  const { summary } = run;
  const bounded = { unit: figure.unit, bound };
  const read = readFigure(figure, run);
  if ('fault' in read) {
    return { verdict: 'not-judged', ...bounded, low: null, high: null, reason: read.fault };
  }
  const { low, high, of, reason } = read;
  const measured = {
    ...bounded,
    low: low === -Infinity ? null : low,
    high: high === Infinity ? null : high,
    ...(of === undefined ? {} : { of }),
  };
  const cut = describeCut(summary);
  const said = cut === undefined ? {} : { reason: cut };
  if (!keeps(budget, low) && !keeps(budget, high)) {
    const disturbed = figure.unit === 'us' ? findDisturbed(summary) : undefined;
    if (disturbed !== undefined) {
      return { verdict: 'not-judged', ...measured, reason: disturbed };
    }
    return { verdict: 'fail', ...measured, ...said };
  }
  if (keeps(budget, low) && keeps(budget, high)) {
    return { verdict: cut === undefined ? 'pass' : 'not-judged', ...measured, ...said };
  }
  return {
    verdict: 'not-judged',
    ...measured,
    reason: cut ?? reason ?? 'the figure is not known exactly enough',
  };
}

/**
 * Returns a figure of a run, widened by what connstorm's own hold-ups may have changed in it; or why there is none that
 * can be trusted.
 */
export function readFigure(
  figure: BudgetFigure,
  run: JudgedRun,
): NonNullable<Reading> | { fault: string; isInvalid: boolean; isAbsent?: true } {
  const { summary } = run;
  if (holdsNothing(figure, summary)) {
    return { fault: NOTHING_HELD, isInvalid: false, isAbsent: true };
  }
  const flaw = findFlaw(figure, summary);
  if (flaw !== undefined) return { fault: flaw, isInvalid: true };
  const reading = allowForDelay(figure, summary, read(figure, run));
  const known = figure.kind === 'quantile' ? forgetZero(reading) : reading;
  return known ?? { fault: explainNothing(figure, summary), isInvalid: false };
}

const NOTHING_HELD = 'no connection is held';

/** Returns whether the figure is about each held connection, and the run is planned to hold none. */
function holdsNothing(figure: BudgetFigure, summary: JudgedRun['summary']): boolean {
  const openings = listHeldOpenings(summary);
  return (
    figure.kind === 'named' &&
    figure.name === 'held memoryEach' &&
    openings.length > 0 &&
    openings.every(({ asked }) => asked === 0)
  );
}

function listHeldOpenings({ background = [] }: JudgedRun['summary']): OpeningRecord[] {
  return background
    .filter(({ activity }) => activity === 'held')
    .flatMap(({ openings = [] }) => openings);
}

/** Returns the reading, widened by what connstorm's own hold-ups may have added to a time or taken from it. */
function allowForDelay(
  figure: BudgetFigure,
  summary: JudgedRun['summary'],
  reading: Reading,
): Reading {
  const delay = findOwnDelay(figure, summary);
  if (reading === null || delay === undefined) return reading;
  const { low, high, reason = HELD_UP, ...rest } = reading;
  const { tooLongUs, tooShortUs } = delay;
  const least = low === -Infinity ? low : Math.max(0, low - tooLongUs);
  return { ...rest, low: least, high: high + tooShortUs, reason };
}

/** Returns the reading of a time without a lower end of 0, if nothing else bounds it: every time is at least 0. */
function forgetZero(reading: Reading): Reading {
  const isUnbounded = reading !== null && reading.low <= 0 && reading.high === Infinity;
  return isUnbounded ? { ...reading, low: -Infinity } : reading;
}

const HELD_UP = 'connstorm started attempts late, and the same delay may be in this figure';

function keeps({ figure, bound, includesBound }: Budget, value: number): boolean {
  if (value === bound) return includesBound;
  return isFloor(figure) ? value > bound : value < bound;
}

/** Returns what ended the run before it had measured all that was planned. */
export function describeCut({
  stoppedBy,
  reason,
  rounds,
  roundsPlanned,
}: JudgedRun['summary']): string | undefined {
  const because = reason === undefined || reason === 'interrupted' ? '' : `: ${reason}`;
  if (stoppedBy === 'condition') return `a stop condition ended the run${because}`;
  if (stoppedBy === 'event') return `an event that failed ended the run${because}`;
  if (stoppedBy !== 'end') return `the run was interrupted${because}`;
  if (rounds === undefined || roundsPlanned === undefined) return undefined;
  return rounds.length < roundsPlanned
    ? `${rounds.length} of ${formatCounted(roundsPlanned, 'round')} ${nounOf(roundsPlanned, 'was', 'were')} run`
    : undefined;
}

function read(figure: BudgetFigure, run: JudgedRun): Reading {
  if (figure.kind === 'background') return readBackground(figure, run.summary);
  return figure.kind === 'quantile' ? readDuration(figure, run) : readNamed(figure.name, run);
}

/** Returns the quantile over all attempts. Those without a value rank behind all others. */
function readDuration(
  { metric, aggregation }: Extract<BudgetFigure, { kind: 'quantile' }>,
  { summary, values }: JudgedRun,
): Reading {
  const measured = summary.metrics[metric];
  if (measured === undefined || measured.count === 0) return null;
  const tries = countTries(summary, metric);
  const { field, q } = QUANTILES[aggregation];
  const rank = rankOf(q, tries);
  if (rank <= measured.count) {
    // Clocks have a resolution of a microsecond, so a time of 0 is below one.
    const us = Math.max(1, values.valueAtRank(metric, rank));
    return { low: us, high: us, of: tries };
  }
  const reason = `${tries - measured.count} of ${formatCounted(tries, metric === 'sessionLatency' ? 'session' : 'attempt')} have no value and rank behind all others`;
  return { low: measured[field] ?? 0, high: Infinity, of: tries, reason };
}

const NOTHING_HAPPENED =
  'nothing disturbed the load: no event was begun, and the server cut no sessions together';

const HELD_UNSEEN = 'the host does not show the memory of its backends';

function explainNothing({ metric }: BudgetFigure, summary: JudgedRun['summary']): string {
  const { metrics, capacity } = summary;
  if (metric === 'outage' || metric === 'recovery') return NOTHING_HAPPENED;
  if (metric === 'held') {
    const isAnyHeld = listHeldOpenings(summary).some(({ opened }) => opened > 0);
    return isAnyHeld ? HELD_UNSEEN : NOTHING_HELD;
  }
  if (metric === 'allBack') return 'no session was cut';
  if (['stopped', 'accepts', 'serves'].includes(metric)) return 'no restart came to its end';
  if (metric === 'attemptsPerSuccess') return 'no attempt succeeded';
  if (metric === 'capacity' && capacity !== null) {
    const { cutShort, reason } = capacity;
    return `the search ended before it could judge a rate: ${cutShort?.reason ?? reason}`;
  }
  const isClosed = metric === 'latency' && metrics.serviceTime !== undefined;
  return isClosed
    ? 'a closed loop has no schedule to count latency from: use serviceTime'
    : 'nothing was measured';
}
