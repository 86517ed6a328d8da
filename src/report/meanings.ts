import type { SummaryMetric } from '../model/measures.ts';
import type { CapacityAnswer } from '../result/records/capacity.ts';
import type { SummaryRecord, VariantSummary } from '../result/records/summary-records.ts';
import { METRIC_MEANINGS } from './metric-meanings.ts';
import { LABELS } from './run/metrics.ts';
import type { Paint } from './text/paint.ts';
import type { Section } from './text/section.ts';
import { wrapText } from './text/text.ts';

/** Fields of a summary that a report shows figures of. The summary of a run and that of a variant both have them. */
type Shown = Pick<
  SummaryRecord | VariantSummary,
  | 'accounting'
  | 'bottleneck'
  | 'capacity'
  | 'connections'
  | 'cost'
  | 'errors'
  | 'generator'
  | 'metrics'
  | 'recovery'
  | 'sessions'
  | 'slowest'
  | 'steps'
  | 'watch'
  | 'windows'
>;

interface Term {
  /** The term as the report shows it. */
  term: string;
  text: string;
}

interface Meaning extends Term {
  /** Returns whether a report of the summary shows the term. */
  isShown: (summary: Shown) => boolean;
}

/**
 * Returns what each figure of a report means (`--explain`), only for figures that it shows, in the report's order.
 * `titles`: the columns of its table of metrics.
 */
export function renderMeanings(
  summaries: readonly Shown[],
  { columns, paint, titles }: { columns: number; paint: Paint; titles: readonly string[] },
): Section {
  const [before, behind] = [ABOVE_TABLE, BELOW_TABLE].map((meanings) =>
    meanings.filter(({ isShown }) => summaries.some(isShown)),
  );
  const shown = [...(before ?? []), ...explainColumns(titles), ...(behind ?? [])];
  const lines = shown.flatMap(({ term, text }) => wrapText(`${term}: ${text}`, columns, 2));
  return { lines: [paint.bold('what the figures mean'), ...lines.map(paint.dim)] };
}

const KINDS: Record<CapacityAnswer['kind'], string> = {
  found: 'the capacity lies between the two rates',
  'not-reached':
    'the search ended before it was sure of a rate that is too high, or before any rate was sustained',
  wall: 'the target refused connects because no slot was free',
  unstable: 'the target changed during the search, too few trials agreed, or a confirmation failed',
  invalid: 'connstorm reached its own limit before the target did',
};

/** Returns a check whether the count is above 0. */
function hasAny(count: (summary: Shown) => number): (summary: Shown) => boolean {
  return (summary) => count(summary) > 0;
}

const hasRates = ({ steps, capacity }: Shown): boolean => steps.length > 0 || capacity !== null;
const hasTable = ({ steps, capacity }: Shown): boolean => steps.length > 1 && capacity === null;

const ABOVE_TABLE: readonly Meaning[] = [
  {
    term: 'sustains',
    text: 'the highest rate of connects that the target kept up with, as an interval that the answer of another search should overlap',
    isShown: ({ capacity }) => capacity !== null,
  },
  ...Object.entries(KINDS).map(
    ([term, text]): Meaning => ({ term, text, isShown: ({ capacity }) => capacity?.kind === term }),
  ),
  {
    term: 'confirmed',
    text: 'a rate just below the interval was held for longer at the end',
    isShown: ({ capacity }) => capacity !== null && capacity.confirmed !== null,
  },
  {
    term: 'valid',
    text: 'connstorm itself kept up, so that the figures are those of the target; INVALID says why they are not',
    isShown: () => true,
  },
  {
    term: 'proven, inferred',
    text: 'proven: connstorm saw directly what gives out. inferred: it follows from other figures',
    isShown: ({ bottleneck }) =>
      bottleneck !== null && bottleneck.cause !== 'none' && bottleneck.confidence !== 'unknown',
  },
  {
    term: 'offered',
    text: 'arrivals per second, whether or not their attempts were started',
    isShown: (summary) =>
      hasRates(summary) &&
      (summary.capacity !== null || summary.steps.some(({ loop }) => loop !== 'closed')),
  },
  {
    term: 'achieved',
    text: 'connections that became ready, per second',
    isShown: (summary) => hasRates(summary) && !completesWithResult(summary),
  },
  {
    term: 'achieved',
    text: "connections that got their first query's result, or the last statement's if they send several, per second",
    isShown: (summary) => hasRates(summary) && completesWithResult(summary),
  },
  {
    term: 'sustained',
    text: 'whether at least 97 % of a rate was achieved, or so little is missing that the ends of the step can hide it',
    isShown: hasCurve,
  },
  {
    term: 'in flight',
    text: 'attempts that were started and are neither ready nor over',
    isShown: (summary) => hasCurve(summary) && !completesWithResult(summary),
  },
  {
    term: 'in flight',
    text: 'attempts that were started, are not over, and have no result of their first query, or of the last statement if they send several. The cap counts only until ready, so this number may be above it',
    isShown: (summary) => hasCurve(summary) && completesWithResult(summary),
  },
  {
    term: '≤',
    text: "at most: connstorm's own lateness is in the latency, and the target took no longer than that",
    isShown: ({ capacity }) =>
      capacity?.curve.some(({ latency: { atMost = [] } }) => atMost.length > 0) === true,
  },
];

function explainColumns(titles: readonly string[]): Term[] {
  const percentiles = titles.filter((title) => /^p\d/.test(title));
  const counts = titles.filter((title) => title === 'count' || title === 'n');
  return [
    { term: counts.join(', '), text: 'the number of values that the row is computed from' },
    {
      term: percentiles.join(', '),
      text: 'percentiles. p50: half of the values are at most this long; p99: all but one in a hundred are',
    },
    ...(titles.includes('max') ? [{ term: 'max', text: 'the longest value' }] : []),
  ];
}

const BELOW_TABLE: readonly Meaning[] = [
  {
    term: '≥',
    text: 'at least: the true percentile is this or more, because it falls among attempts without a value (timed out, dropped and so on). unknown means that not even a lower bound is known',
    isShown: ({ metrics }) => Object.values(metrics).some(({ atLeast = [] }) => atLeast.length > 0),
  },
  ...(Object.keys(LABELS) as SummaryMetric[]).map(
    (metric): Meaning => ({
      term: LABELS[metric].trim(),
      text: METRIC_MEANINGS[metric],
      isShown: ({ metrics }) => metrics[metric] !== undefined,
    }),
  ),
  {
    term: 'slowest 1 %',
    text: 'where the slowest of the attempts that became ready spent their time',
    isShown: ({ slowest }) => slowest !== null,
  },
  {
    term: 'window',
    text: 'a part of the time of the load',
    isShown: (summary) => hasTable(summary) || (summary.windows ?? []).length > 0,
  },
  {
    term: 'errors',
    text: 'each line has a count, the layer that failed and its phase, the code and the message',
    isShown: ({ errors }) => errors.length > 0,
  },
  {
    term: 'due, begun',
    text: 'arrivals whose moment came, and those of them whose attempt was started',
    isShown: () => true,
  },
  {
    term: 'dropped',
    text: 'arrivals whose attempt was never started, because too many were in flight or open already, or because the run was ended at once',
    isShown: hasAny(({ accounting }) => accounting.dropped),
  },
  {
    term: 'failed',
    text: 'ended by an error or a timeout before it was ready',
    isShown: hasAny(({ accounting }) => accounting.failed),
  },
  {
    term: 'abandoned',
    text: 'given up on purpose, as the scenario asks',
    isShown: hasAny(({ accounting }) => accounting.abandoned),
  },
  {
    term: 'cancelled',
    text: 'not over when the run ended',
    isShown: hasAny(({ accounting }) => accounting.cancelled),
  },
  {
    term: 'lost',
    text: 'under way in a thread of connstorm that crashed',
    isShown: hasAny(({ accounting, connections }) => accounting.lost + connections.lost),
  },
  {
    term: 'opened, closed',
    text: 'connections that became ready, and those of them that connstorm closed normally',
    isShown: () => true,
  },
  {
    term: 'cut',
    text: 'ended by the server after it was ready',
    isShown: hasAny(({ connections }) => connections.cut),
  },
  {
    term: 'sessions',
    text: 'clients that want to be connected and try again until they are, or give up',
    isShown: ({ sessions }) => sessions !== undefined,
  },
  {
    term: 'goodput',
    text: 'the share of sessions that were connected within the goal, and their number per second',
    isShown: ({ sessions }) => sessions !== undefined && sessions.goodput !== null,
  },
  {
    term: 'outage',
    text: 'the longest time without a good connect, from the last one before it until the first one after it; a time shorter than three times the usual one between good connects does not count',
    isShown: isDisturbed,
  },
  {
    term: 'recovered',
    text: 'when three seconds in a row were good again: each with at least 20 arrivals, and nine of ten connected within twice the time that nine of ten took before',
    isShown: isDisturbed,
  },
  {
    term: 'forks for clients that had left',
    text: 'connections that clients gave up while they waited in the accept queue; the server still started a process for each of them later',
    isShown: isDisturbed,
  },
  {
    term: 'kill switch',
    text: 'ends the run if other clients are refused or slowed down. The canary sends queries on a connection of its own, the witness opens new ones',
    isShown: ({ watch }) => watch !== undefined,
  },
  {
    term: 'a connect cost',
    text: "CPU time of the server, the part of it that is the postmaster's own, and CPU time of the pooler, each divided by the number of attempts started",
    isShown: ({ cost }) => cost !== undefined,
  },
  {
    term: 'busy',
    text: "how busy the CPUs of connstorm's host were, with all processes together",
    isShown: ({ generator }) => generator !== null,
  },
];

/**
 * Whether a connect of this search is complete with the result of its first query or last statement, not when ready. The
 * report's table says which of the two it is.
 */
function completesWithResult({ capacity, metrics }: Shown): boolean {
  return capacity !== null && (metrics.firstQuery !== undefined || metrics.usable !== undefined);
}

function isDisturbed({ recovery = [] }: Shown): boolean {
  return recovery.length > 0;
}

function hasCurve({ capacity }: Shown): boolean {
  return capacity !== null && capacity.curve.length > 0;
}
