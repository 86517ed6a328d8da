/** One figure of a run, as scenarios and flags name it: `firstQuery p(99)`. */

/** Durations of every attempt or session whose quantiles can be judged. */
export const JUDGED_METRICS = [
  'latency',
  'serviceTime',
  'firstQuery',
  'firstQueryServiceTime',
  'usable',
  'usableServiceTime',
  'tcp',
  'spawn',
  'tls',
  'auth',
  'ready',
  'query',
  'sessionLatency',
] as const;
export type JudgedMetric = (typeof JUDGED_METRICS)[number];

export const AGGREGATIONS = ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface Figure {
  metric: JudgedMetric;
  aggregation: Aggregation;
}

/** Returns the figure, or what is wrong with its name. */
export function parseFigure(text: string): Figure | { fault: string } {
  const [name = '', ...rest] = text.trim().split(/\s+/);
  const metric = JUDGED_METRICS.find((known) => known === name);
  const aggregation = AGGREGATIONS.find((known) => known === rest.join(''));
  if (metric !== undefined && aggregation !== undefined) return { metric, aggregation };
  const wrong =
    metric === undefined
      ? `the metric must be one of ${JUDGED_METRICS.join(', ')}`
      : `the aggregation must be one of ${AGGREGATIONS.join(', ')}`;
  return { fault: `must be a figure such as firstQuery p(99): ${wrong}` };
}

/** Renders a figure's name: `firstQuery p(99)`. */
export function renderFigureName({ metric, aggregation }: Figure): string {
  return `${metric} ${aggregation}`;
}

/** Returns a figure's words for a sentence: `p99 of latency`, `the longest latency`. */
export function sayFigure({ metric, aggregation }: Figure): string {
  const words = METRIC_WORDS[metric];
  return aggregation === 'max'
    ? `the longest ${words.replace(/^the /, '')}`
    : `${aggregation.replace(/[()]/g, '')} of ${words}`;
}

const METRIC_WORDS: Record<JudgedMetric, string> = {
  latency: 'latency',
  serviceTime: 'service time',
  firstQuery: "the time until the first query's result",
  firstQueryServiceTime: "the time from the start until the first query's result",
  usable: 'the time until a connection is usable',
  usableServiceTime: 'the time from the start until a connection is usable',
  tcp: 'the tcp phase',
  spawn: 'the spawn phase',
  tls: 'the tls phase',
  auth: 'the auth phase',
  ready: 'the ready phase',
  query: 'the query phase',
  sessionLatency: 'session latency',
};
