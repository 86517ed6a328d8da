import { formatCounted } from '../../counted.ts';
import type { SummaryMetric } from '../../model/measures.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord, VariantSummary } from '../../result/records/summary-records.ts';
import { type Explained, isVerdictAbout } from '../explained.ts';
import { formatCount, formatDuration, formatShare, formatSpan } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { DetailInput, Section } from '../text/section.ts';
import { type Column, layOut, pickColumns } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';

export const LABELS: Record<SummaryMetric, string> = {
  latency: 'latency',
  serviceTime: 'service time',
  firstQuery: 'first query',
  firstQueryServiceTime: 'start to query',
  usable: 'usable',
  usableServiceTime: 'start to usable',
  tcp: '  tcp',
  spawn: '  spawn',
  tls: '  tls',
  auth: '  auth',
  ready: '  ready',
  query: '  query',
  close: '  close',
  queueWait: 'queue wait',
  queueWaitEstimate: 'queue+fork ≈',
  serverSetup: 'server setup',
  serverFork: '  server fork',
  serverAuth: '  server auth',
  failedLatency: 'failed latency',
  lateness: 'lateness',
  sessionLatency: 'session latency',
};
const FIGURES = ['p50Us', 'p90Us', 'p99Us', 'p999Us', 'maxUs'] as const;

/** Returns a row for each metric that was measured. */
export function renderMetrics({
  summary,
  run,
  columns,
  paint,
  explain = false,
}: DetailInput): Section {
  const { budgets } = run.summary;
  const rows = listRows(summary);
  const notes = [
    noteSearch(summary),
    noteCensored(summary),
    noteUnanswered(summary),
    noteUnusable(summary),
    noteUnclosed(summary),
    ...explainFigures({ ...summary, budgets }, explain),
  ];
  return {
    ...layOut(pickColumns(COLUMNS, rows, columns), rows, paint),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

function listRows({ metrics }: Pick<SummaryRecord, 'metrics'>): MetricRow[] {
  return (Object.keys(LABELS) as SummaryMetric[]).flatMap((metric) => {
    const figures = metrics[metric];
    return figures === undefined ? [] : [{ label: LABELS[metric], figures }];
  });
}

/** Returns the titles of the columns that fit into `columns` characters. */
export function listColumns(summary: Pick<SummaryRecord, 'metrics'>, columns: number): string[] {
  return pickColumns(COLUMNS, listRows(summary), columns).map(({ title }) => title);
}

interface MetricRow {
  label: string;
  figures: MetricSummary;
}

const COLUMNS: readonly Column<MetricRow>[] = [
  { title: '', render: ({ label }) => label },
  { title: 'count', render: ({ figures }) => formatCount(figures.count) },
  { title: 'p50', render: ({ figures }, paint) => renderFigure(figures, 'p50Us', paint) },
  { title: 'p90', render: ({ figures }, paint) => renderFigure(figures, 'p90Us', paint), worth: 2 },
  { title: 'p99', render: ({ figures }, paint) => renderFigure(figures, 'p99Us', paint) },
  {
    title: 'p99.9',
    render: ({ figures }, paint) => renderFigure(figures, 'p999Us', paint),
    worth: 1,
  },
  { title: 'max', render: ({ figures }, paint) => renderFigure(figures, 'maxUs', paint), worth: 3 },
];

type ExplainedSummary = VariantSummary & Pick<SummaryRecord, 'budgets'>;

/**
 * Returns explanations of the figures that the verdict is about, or of all. If not all are explained, a note says how
 * to get them.
 */
function explainFigures(summary: ExplainedSummary, all: boolean): string[] {
  const relevant = EXPLANATIONS.filter(({ figure }) => all || isVerdictAbout(figure, summary));
  return [...relevant.map((it) => it.explain(summary)), ...(all ? [] : [HOW_TO_EXPLAIN])];
}

export const HOW_TO_EXPLAIN = '--explain explains the figures';

const EXPLANATIONS: readonly {
  figure: Explained;
  explain: (summary: ExplainedSummary) => string;
}[] = [
  { figure: 'spawn', explain: noteSpawn },
  { figure: 'serverTimes', explain: noteServerTimes },
  { figure: 'lateness', explain: noteLateness },
];

/**
 * Returns the figure with `≥` if it is only a lower bound, or `≤` if it is only an upper bound. `unknown`: it is both,
 * or a lower bound of 0.
 */
export function renderFigure<Figure extends (typeof FIGURES)[number]>(
  figures: Pick<MetricSummary, Figure | 'atLeast' | 'atMost'>,
  name: Figure,
  paint: Paint,
): string {
  const text = formatDuration(figures[name]);
  const [isLeast, isMost] = [figures.atLeast, figures.atMost].map((all) => all?.includes(name));
  if (figures[name] === null || (isLeast !== true && isMost !== true)) return text;
  // A lower bound of 0 falls among attempts whose duration was not seen.
  if (isLeast === true && (isMost === true || figures[name] === 0)) return paint.yellow('unknown');
  return paint.yellow(`${isLeast === true ? '≥' : '≤'} ${text}`);
}

function noteSearch({ capacity, steps }: VariantSummary): string {
  if (capacity === null) return '';
  const { curve } = capacity;
  const missed = curve.some(({ bad }) => bad > 0) ? ', also of those that were not sustained' : '';
  const late = steps.filter(({ validity }) => !validity.valid).length;
  const own =
    late === 0
      ? ''
      : `; connstorm's own lateness is in the latency of ${formatCount(late)} of ${formatCounted(steps.length, 'step')}`;
  return `these figures are of all steps of the search together${missed}${curve.length > 0 ? '; figures for each rate are above' : ''}${own}`;
}

function noteCensored({ metrics, sessions, ...summary }: VariantSummary): string {
  const censored = metrics.latency?.censored ?? 0;
  if (censored === 0) return '';
  // With sessions, one arrival makes several attempts.
  const noun = sessions === undefined ? 'arrival' : 'attempt';
  const were = censored === 1 ? `${noun} has` : `${noun}s have`;
  const rank = `and ${censored === 1 ? 'ranks' : 'rank'} as the slowest${noteBound(Object.values(metrics))}`;
  return `${formatCount(censored)} more ${were} no latency (${listCensored([summary])}) ${rank}`;
}

/** Returns how the attempts and arrivals ended that have no latency and rank as the slowest: `timed out or dropped`. */
export function listCensored(
  summaries: readonly Pick<SummaryRecord, 'accounting' | 'errors'>[],
): string {
  const happened = CENSORED.filter(([, count]) => summaries.some((summary) => count(summary) > 0));
  const names = happened.map(([name]) => name);
  const last = names.pop();
  if (last === undefined) return 'it is not known how they ended';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

const CENSORED: readonly [
  name: string,
  count: (summary: Pick<SummaryRecord, 'accounting' | 'errors'>) => number,
][] = [
  [
    'timed out',
    ({ errors }) =>
      errors.filter(({ layer, ledger }) => layer === 'timeout' && ledger === 'attempt').length,
  ],
  ['abandoned', ({ accounting }) => accounting.abandoned],
  ['cancelled', ({ accounting }) => accounting.cancelled],
  ['lost', ({ accounting }) => accounting.lost],
  ['dropped', ({ accounting }) => accounting.dropped],
  ['still under way', ({ accounting }) => accounting.inFlight],
];

/** Returns an empty text if no figure is a bound. */
export function noteBound(figures: readonly Pick<MetricSummary, 'atLeast'>[]): string {
  return figures.some(({ atLeast = [] }) => atLeast.length > 0) ? '; ≥ is a lower bound' : '';
}

/**
 * Returns a note about connections that have a latency and no first query. It does not explain bounds a second time.
 */
function noteUnanswered({ metrics }: VariantSummary): string {
  const { latency, firstQuery } = metrics;
  const known = latency?.censored ?? 0;
  const more = (firstQuery?.censored ?? 0) - known;
  if (firstQuery === undefined || more <= 0) return '';
  const were = more === 1 ? 'connection has' : 'connections have';
  const rank = more === 1 ? 'ranks' : 'rank';
  const bound = known > 0 ? '' : noteBound([firstQuery]);
  return `${formatCount(more)} more ${were} no result of ${more === 1 ? 'its' : 'their'} first query, and ${rank} as the slowest in first query${bound}`;
}

/** What has a first query and is not usable. Where bounds are explained already, not again. */
function noteUnusable({ metrics }: VariantSummary): string {
  const { firstQuery, usable } = metrics;
  const more = (usable?.censored ?? 0) - (firstQuery?.censored ?? 0);
  if (usable === undefined || more <= 0) return '';
  const were = more === 1 ? 'connection has' : 'connections have';
  const rank = more === 1 ? 'ranks' : 'rank';
  const bound = isBoundTold(metrics) ? '' : noteBound([usable]);
  return `${formatCount(more)} more ${were} no result of ${more === 1 ? 'its' : 'their'} last statement, and ${rank} as the slowest in usable${bound}`;
}

function noteUnclosed({ metrics }: VariantSummary): string {
  const censored = metrics.close?.censored ?? 0;
  if (censored === 0) return '';
  const were = censored === 1 ? 'connection was' : 'connections were';
  return `${formatCount(censored)} more ${were} not closed by the server (FIN) before connstorm stopped waiting, and ${censored === 1 ? 'ranks' : 'rank'} as the slowest in close${isBoundTold(metrics) ? '' : noteBound([metrics.close ?? {}])}`;
}

function isBoundTold({ latency, firstQuery }: SummaryRecord['metrics']): boolean {
  return [latency, firstQuery].some((figures) => (figures?.censored ?? 0) > 0);
}

export const BOUNDARY_NOTES = {
  sslrequest: "the server's answer to SSLRequest",
  'auth-request': "the server's authentication request, so it includes the start of the backend",
  tls: "the server's hello of direct TLS, so it includes the server's half of the handshake",
  absent: 'nothing that can be seen, so its time is in ready',
};

function noteSpawn({ boundaries }: VariantSummary): string {
  const seen = Object.entries(boundaries) as [keyof typeof BOUNDARY_NOTES, number][];
  const parts = seen.map(([boundary, count]) => {
    const of = seen.length > 1 ? ` (${formatCounted(count, 'attempt')})` : '';
    return `${BOUNDARY_NOTES[boundary]}${of}`;
  });
  return parts.length === 0 ? '' : `spawn ends with ${parts.join('; or with ')}`;
}

function noteServerTimes({ metrics }: VariantSummary): string {
  const parts = [
    metrics.queueWait === undefined
      ? ''
      : "queue wait: the first part of spawn, until the server accepted the connection. server setup: the rest of the connect, by the server's own clock. Of this, server fork lies in spawn; server auth lies in auth and the start of ready",
    metrics.queueWaitEstimate === undefined
      ? ''
      : 'queue+fork ≈ is an estimate of queue wait + server fork, from the ages of some backends',
  ];
  return parts.filter((part) => part !== '').join('. ');
}

function noteLateness({ metrics, rates }: VariantSummary): string {
  const { lateness, latency } = metrics;
  if (lateness === undefined || latency === undefined || latency.count === 0) return '';
  return `latency counts from the scheduled arrival; connstorm started attempts ${formatDuration(lateness.meanUs)} late on average (lateness) over ${formatSpan(rates.windowUs)}`;
}

const PIECES = ['lateness', 'earlierHosts', 'tcp', 'spawn', 'tls', 'auth', 'ready'] as const;

/** Returns where the slowest 1 % of the ok attempts spent their time. */
export function renderSlowest({ summary, columns }: DetailInput): Section {
  const { slowest } = summary;
  if (slowest === null) return { lines: [] };
  const { count, kept, fromUs, meanUs } = slowest;
  const totalUs = PIECES.reduce((sum, piece) => sum + (meanUs[piece] ?? 0), 0);
  // Without a schedule there is no lateness.
  const isScheduled = summary.metrics.lateness !== undefined;
  const pieces = isScheduled ? PIECES : PIECES.filter((piece) => piece !== 'lateness');
  const shares = pieces
    .filter((piece) => meanUs[piece] !== undefined)
    .map((piece) => {
      const us = meanUs[piece] ?? 0;
      const name = piece === 'earlierHosts' ? 'tries at earlier hosts' : piece;
      return `${name} ${formatShare(totalUs === 0 ? 0 : us / totalUs)}`;
    });
  const known = kept === count ? `${count}` : `${count}, of which ${kept} were recorded in detail`;
  const text = `slowest 1 % (${known}; ${formatDuration(fromUs)} or more) spent their time in ${shares.join(', ')}`;
  return { lines: wrapText(text, columns, 2) };
}
