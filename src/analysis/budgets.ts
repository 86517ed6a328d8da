import { formatCounted, nounOf } from '../counted.ts';
import { rankOf } from '../model/histogram.ts';
import type { CapacityAnswer, CutShort } from '../result/records/capacity.ts';
import type { BudgetResult, SummaryRecord } from '../result/records/summary-records.ts';
import {
  type Budget,
  type BudgetFigure,
  isFloor,
  isRecoveryFigure,
  nameBudget,
  parseBudget,
} from '../scenario/budget.ts';
import type { Figure, JudgedMetric } from '../scenario/figure.ts';
import { findDisturbed, findFlaw, findOwnDelay } from './budget-flaws.ts';
import { countTries } from './comparison/round-values.ts';
import { QUANTILES } from './figures/quantiles.ts';
import { readRecovery } from './recovery/read-recovery.ts';

/** A run or one of its variants. */
export interface JudgedRun {
  /** undefined: a run without variants. */
  name: string | undefined;
  summary: Pick<
    SummaryRecord,
    | 'stoppedBy'
    | 'reason'
    | 'validity'
    | 'steps'
    | 'accounting'
    | 'connections'
    | 'metrics'
    | 'capacity'
    | 'sessions'
    | 'warnings'
    | 'crowd'
    | 'recovery'
  > & { rounds?: readonly unknown[]; roundsPlanned?: number };
  /** Returns the `rank`-th smallest measured value of a metric that has at least so many, in microseconds. */
  values: { valueAtRank(metric: JudgedMetric, rank: number): number };
}

/**
 * A measured figure. It lies between `low` (-Infinity: not known) and `high` (Infinity: not known). `of`: number of
 * attempts, connections or sessions. `reason`: why it is not known more exactly. null: nothing was measured.
 */
type Reading = { low: number; high: number; of?: number; reason?: string } | null;

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

function judgeBudget(budget: Budget, run: JudgedRun): Omit<BudgetResult, 'budget'> {
  const { figure, bound } = budget;
  const { summary } = run;
  const bounded = { unit: figure.unit, bound };
  const nothing = { verdict: 'not-judged', ...bounded, low: null, high: null } as const;
  const flaw = findFlaw(figure, summary);
  if (flaw !== undefined) return { ...nothing, reason: flaw };
  const reading = allowForDelay(figure, summary, read(figure, run));
  if (reading === null) return { ...nothing, reason: explainNothing(figure, summary) };
  const { low, high, of, reason } = reading;
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
  return { ...rest, low: Math.max(0, low - tooLongUs), high: high + tooShortUs, reason };
}

const HELD_UP = 'connstorm started attempts late, and the same delay may be in this figure';

function keeps({ figure, bound, includesBound }: Budget, value: number): boolean {
  if (value === bound) return includesBound;
  return isFloor(figure) ? value > bound : value < bound;
}

/** Returns what ended the run before it had measured all that was planned. */
function describeCut({
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
  const { summary } = run;
  if (isRecoveryFigure(figure)) return readRecovery(figure, summary.recovery ?? []);
  if (figure.unit === 'ratio') return readAttempts(summary);
  if (figure.unit === 'us') return readDuration(figure, run);
  if (figure.unit === 'perSecond') return readCapacity(figure, summary);
  if (figure.metric === 'goodput') return readGoodput(summary);
  const { count, unknown, of } = readLedger(figure.metric, summary);
  if (of === 0) return null;
  const reason = `it is not known how ${unknown} of ${formatCounted(of, nameCounted(figure.metric))} ended, because the run ended first`;
  const counted = { of, ...(unknown === 0 ? {} : { reason }) };
  if (figure.unit === 'count') return { low: count, high: count + unknown, ...counted };
  return { low: count / of, high: (count + unknown) / of, ...counted };
}

/**
 * Returns a count of the ledgers. `unknown`: how many more there may be among the attempts or connections that ended
 * with the run or were lost.
 */
function readLedger(
  metric: Extract<BudgetFigure, { unit: 'share' | 'count' }>['metric'],
  { accounting, connections }: JudgedRun['summary'],
): { count: number; unknown: number; of: number } {
  const { due, dropped, ok, cancelled, lost, inFlight, passedOn = 0 } = accounting;
  // A try after which the next host was tried is neither a failure nor an attempt for itself.
  const started = accounting.started - passedOn;
  const failed = accounting.failed - passedOn;
  const unknown = cancelled + lost + inFlight;
  switch (metric) {
    case 'ok':
      return { count: ok, unknown, of: started + dropped };
    case 'failed':
      return { count: failed, unknown, of: started };
    case 'dropped':
      return { count: dropped, unknown: 0, of: due };
    case 'queryFailed':
    case 'cut':
      return {
        count: connections[metric],
        unknown: connections.lost + connections.open,
        of: connections.opened,
      };
    default:
      throw new RangeError(`${metric} is not in the ledgers`);
  }
}

/** Returns the noun for what a share or count is taken of. */
function nameCounted(metric: BudgetFigure['metric']): string {
  return metric === 'queryFailed' || metric === 'cut' ? 'connection' : 'attempt';
}

function readAttempts({ accounting: { started, ok } }: JudgedRun['summary']): Reading {
  return ok === 0 ? null : { low: started / ok, high: started / ok, of: ok };
}

function readGoodput({ sessions }: JudgedRun['summary']): Reading {
  const goodput = sessions?.goodput ?? undefined;
  if (sessions === undefined || goodput === undefined) return null;
  const { share, withinGoal } = goodput;
  const of = share === 0 ? sessions.begun : Math.round(withinGoal / share);
  return { low: share, high: share, of };
}

/** Returns the quantile over all attempts. Those without a value rank behind all others. */
function readDuration({ metric, aggregation }: Figure, { summary, values }: JudgedRun): Reading {
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

/**
 * Returns the capacity as a reading. A sustained rate is at most the capacity, and a rate that was not sustained at
 * least.
 */
function readCapacity(
  { of }: Extract<BudgetFigure, { unit: 'perSecond' }>,
  { capacity }: JudgedRun['summary'],
): Reading {
  const answer: CapacityAnswer | undefined =
    of === 'underGoal' ? capacity?.underGoal : (capacity ?? undefined);
  if (capacity === null || answer === undefined) return null;
  const { kind, lowerPerSecond, upperPerSecond, upperUntried } = answer;
  const { cutShort } = capacity;
  const reason = cutShort === undefined ? answer.reason : describeCutShort(cutShort);
  if (lowerPerSecond === null && upperPerSecond === null) return null;
  // If connstorm gave out first, the upper rate is not the server's. A rate that was not tried decides no budget.
  const isMeasured = kind !== 'invalid' && upperUntried !== true;
  const high = (isMeasured ? upperPerSecond : null) ?? Infinity;
  if (kind === 'unstable') {
    const untried = upperUntried === true ? `${UNTRIED}; ` : '';
    const because =
      cutShort === undefined ? `${untried}the target did not stay the same: ${reason}` : reason;
    return { low: lowerPerSecond ?? -Infinity, high, reason: because };
  }
  if (capacity.confirmed === false) {
    return {
      low: -Infinity,
      high,
      reason: 'the capacity that was found was not confirmed at the end',
    };
  }
  const isInterval = lowerPerSecond !== null && high !== Infinity;
  return {
    low: lowerPerSecond ?? -Infinity,
    high,
    reason: isInterval
      ? 'the bound lies within the interval of the capacity: a smaller load.tolerance makes the interval narrower'
      : reason,
  };
}

const UNTRIED = 'no rate as high as the upper bound was tried';

const NOTHING_HAPPENED =
  'nothing disturbed the load: no event was begun, and the server cut no sessions together';

function describeCutShort({ reason }: CutShort): string {
  return `the search was cut short: ${reason}`;
}

function explainNothing(
  { metric }: BudgetFigure,
  { metrics, capacity }: JudgedRun['summary'],
): string {
  if (metric === 'outage' || metric === 'recovery') return NOTHING_HAPPENED;
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
