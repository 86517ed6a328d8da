import type { SummaryMetric } from '../result/records/measures.ts';
import type {
  CapacityAnswer,
  SummaryRecord,
  VariantSummary,
} from '../result/records/summary-records.ts';
import { LABELS } from './run/metrics.ts';
import type { Paint } from './text/paint.ts';
import type { Section } from './text/section.ts';
import { wrapText } from './text/text.ts';

/** What of a run's summary a report shows figures of; a variant's has the same. */
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
  | 'sessions'
  | 'slowest'
  | 'steps'
  | 'watch'
  | 'windows'
>;

interface Term {
  /** As the report shows it. */
  term: string;
  text: string;
}

interface Meaning extends Term {
  /** Whether a report of this has the term. */
  isShown: (summary: Shown) => boolean;
}

/**
 * What each figure of a report means (`--explain`): those alone that it shows, in the report's order. `titles`: the columns of its
 * table of metrics.
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

const METRICS: Record<SummaryMetric, string> = {
  latency:
    'from the moment an attempt was due until the server was ready for queries, of the attempts that came to that; a late start of connstorm is in it',
  serviceTime: 'the same from the actual start of the attempt; its phases sum up to it exactly',
  firstQuery:
    "from the moment an attempt was due (in a closed loop: its start) until its first query's result",
  firstQueryServiceTime: "from the actual start of the attempt until its first query's result",
  tcp: 'phase: until the TCP connection is established, which the kernel does alone',
  spawn:
    "phase: from there until the server's first byte: the wait in its accept queue and in that of a proxy before it, the start of a process, a round trip",
  tls: 'phase: the TLS handshake',
  auth: "phase: from there until the client's last message of authentication is written",
  ready:
    'phase: from there until the server is ready for queries: it checks the password and prepares the session',
  query: "from ready until the first query's result; not a part of service time",
  close: 'from the goodbye until the server has closed the connection; not a part of service time',
  queueWait:
    'the first part of spawn: until the server took the connection from its accept queue; what a proxy before it holds back is in it too',
  queueWaitEstimate:
    'the wait in the accept queue and the start of a process together, estimated from a sample',
  serverSetup: "by the server's own clock: from taking the connection until it is ready",
  serverFork: "by the server's own clock: the start of a process for the connection",
  serverAuth: "by the server's own clock: the authentication",
  failedLatency: 'from the moment an attempt was due until it failed; no other row has these',
  lateness:
    "from the moment an attempt was due until connstorm started it: connstorm's own fault, not the target's",
  sessionLatency:
    'from the first wish of a client to be connected until it was, over all its tries',
};

const KINDS: Record<CapacityAnswer['kind'], string> = {
  found: 'the capacity lies between the two rates',
  'not-reached': 'the search ended before the target gave out, or before it sustained anything',
  wall: 'the target refused for want of slots',
  unstable: 'the target changed meanwhile, or too few trials agreed',
  invalid: 'connstorm gave out before the target did',
};

/** Something is counted in it. */
function hasAny(count: (summary: Shown) => number): (summary: Shown) => boolean {
  return (summary) => count(summary) > 0;
}

const hasRates = ({ steps, capacity }: Shown): boolean => steps.length > 0 || capacity !== null;
const hasTable = ({ steps, capacity }: Shown): boolean => steps.length > 1 && capacity === null;

const ABOVE_TABLE: readonly Meaning[] = [
  {
    term: 'sustains',
    text: 'the highest rate of connects that the target kept up with, as an interval that a repetition should meet',
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
    text: 'whether what gives out was seen directly, or follows from other figures',
    isShown: ({ bottleneck }) =>
      bottleneck !== null && bottleneck.cause !== 'none' && bottleneck.confidence !== 'unknown',
  },
  {
    term: 'offered',
    text: 'attempts that were due a second, started or not',
    isShown: (summary) =>
      hasRates(summary) &&
      (summary.capacity !== null || summary.steps.some(({ loop }) => loop !== 'closed')),
  },
  { term: 'achieved', text: 'connects that became ready a second', isShown: hasRates },
  {
    term: 'sustained',
    text: 'whether nearly all of a rate was achieved, and attempts in flight did not pile up',
    isShown: ({ capacity }) => capacity !== null && capacity.curve.length > 0,
  },
  {
    term: 'in flight',
    text: 'attempts that were started and are neither ready nor over',
    isShown: ({ capacity }) => capacity !== null && capacity.curve.length > 0,
  },
];

function explainColumns(titles: readonly string[]): Term[] {
  const percentiles = titles.filter((title) => /^p\d/.test(title));
  const counts = titles.filter((title) => title === 'count' || title === 'n');
  return [
    { term: counts.join(', '), text: 'how many values the others are of' },
    {
      term: percentiles.join(', '),
      text: 'so many percent of the values are no longer than this: p50 is what half of them keep to, p99 what all but one in a hundred do',
    },
    ...(titles.includes('max') ? [{ term: 'max', text: 'the longest value' }] : []),
  ];
}

const BELOW_TABLE: readonly Meaning[] = [
  {
    term: '≥',
    text: 'at least: attempts without a value rank behind all others, and the percentile falls among them; unknown where nothing is known',
    isShown: ({ metrics }) => Object.values(metrics).some(({ atLeast = [] }) => atLeast.length > 0),
  },
  ...(Object.keys(LABELS) as SummaryMetric[]).map(
    (metric): Meaning => ({
      term: LABELS[metric].trim(),
      text: METRICS[metric],
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
    text: 'a piece of the time of the load',
    isShown: (summary) => hasTable(summary) || (summary.windows ?? []).length > 0,
  },
  {
    term: 'errors',
    text: 'who refused or broke it / in which phase, the code, and what was said',
    isShown: ({ errors }) => errors.length > 0,
  },
  {
    term: 'due, begun',
    text: 'attempts whose moment came, and those of them that were started',
    isShown: () => true,
  },
  {
    term: 'dropped',
    text: 'due and never started, as too many were in flight or open already',
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
    text: 'connections that were ready, and those that connstorm ended in order',
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
    text: 'sessions that were connected within their goal, a second',
    isShown: ({ sessions }) => sessions !== undefined && sessions.goodput !== null,
  },
  {
    term: 'kill switch',
    text: 'the canary asks on a connection of its own, the witness opens new ones: how the target is to others meanwhile',
    isShown: ({ watch }) => watch !== undefined,
  },
  {
    term: 'a connect cost',
    text: 'CPU time of the server, and of the pooler, by attempts started',
    isShown: ({ cost }) => cost !== undefined,
  },
  {
    term: 'busy',
    text: "share of the time that the CPUs of connstorm's host worked, for whomever",
    isShown: ({ generator }) => generator !== null,
  },
];
