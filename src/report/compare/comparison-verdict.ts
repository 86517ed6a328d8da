import { escapeControls } from '../../controls.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import type { JudgedMetric } from '../../scenario/figure.ts';
import type { Paint } from '../text/paint.ts';
import { wrapText } from '../text/text.ts';
import { describeChange, describeEvidence, describeSize } from './difference.ts';
import { describeLeftOut } from './left-out.ts';
import { describeNotKnown } from './not-known.ts';
import { nameQuantile } from './quantile-name.ts';

/** Returns the verdicts, then the rounds that are left out. `comparisons`: those of the primary figure. */
export function describeVerdicts(
  comparisons: readonly Comparison[],
  { columns, paint }: { columns: number; paint: Paint },
): string[] {
  return [
    ...comparisons.flatMap((comparison) => describeVerdict(comparison, { columns, paint })),
    ...describeLeftOut(comparisons).flatMap((line) => wrapText(line, columns, 2).map(paint.yellow)),
  ];
}

/** Returns one comparison in words: the verdict, the size of the difference, and its interval. */
export function describeVerdict(
  comparison: Comparison,
  { columns, paint }: { columns: number; paint: Paint },
): string[] {
  const { verdict, reasons = [], forced = false } = comparison;
  const sentence = escapeControls(SENTENCES[verdict](comparison));
  const late = listLate(comparison);
  const marks = forced
    ? reasons.map((reason) => `judged in spite of this (--force): ${escapeControls(reason)}`)
    : [];
  return [
    ...wrapText(sentence, columns, 2).map((line) => paint.bold(paint[COLOURS[verdict]](line))),
    ...late.flatMap((line) => wrapText(line, columns, 2)).map(paint.yellow),
    ...marks.flatMap((mark) => wrapText(mark, columns, 2)).map(paint.red),
  ];
}

function listLate({ verdict, a, b, low, high, late = [] }: Comparison): string[] {
  if (late.length === 0) return [];
  const names = late.map((side) => (side === 'a' ? a : b)).join(' and ');
  const what = `connstorm was late with ${names}, and this lateness is in the figures`;
  const holds = '. The interval covers both cases: all of this lateness subtracted, and none of it';
  const isBounded = verdict !== 'descriptive' && (low !== null || high !== null);
  return [escapeControls(isBounded ? `${what}${holds}` : what)];
}

const COLOURS = {
  faster: 'green',
  slower: 'red',
  equivalent: 'green',
  inconclusive: 'yellow',
  descriptive: 'yellow',
} as const satisfies Record<Comparison['verdict'], 'green' | 'red' | 'yellow'>;

const SENTENCES = {
  faster: (it) =>
    `${whoDoes(it)} ${describeSize(it, 'faster')} ${than(it)} (${describeEvidence(it, 'faster')}, ${samples(it)})`,
  slower: (it) =>
    `${whoDoes(it)} ${describeSize(it, 'slower')} ${than(it)} (${describeEvidence(it, 'slower')}, ${samples(it)})`,
  equivalent: (it) =>
    `${whoDoes(it)} as fast as ${it.b} at ${nameQuantile(it.aggregation)}: ${describeChange(it)}, too small a difference to matter (${samples(it)})`,
  inconclusive: (it) =>
    `it is not known whether ${whoDoes(it)} faster or slower ${than(it)}: ${describeNotKnown(it)}`,
  descriptive: ({ a, b, reasons = [] }) => `no verdict on ${a} against ${b}: ${reasons.join('; ')}`,
} satisfies Record<Comparison['verdict'], (comparison: Comparison) => string>;

/** The work that a target does in less time if the metric is smaller. */
const DOES: Record<JudgedMetric, string> = {
  latency: 'connects clients',
  serviceTime: 'serves a connect',
  firstQuery: 'answers the first query',
  firstQueryServiceTime: 'answers the first query',
  usable: 'makes connections usable',
  usableServiceTime: 'makes connections usable',
  sessionLatency: 'connects sessions',
  tcp: 'ends its tcp phase',
  spawn: 'ends its spawn phase',
  tls: 'ends its tls phase',
  auth: 'ends its auth phase',
  ready: 'ends its ready phase',
  query: 'answers a query',
};

function whoDoes({ a, metric }: Comparison): string {
  return `${a} ${DOES[metric]}`;
}

function than({ b, aggregation }: Comparison): string {
  return `than ${b} at ${nameQuantile(aggregation)}`;
}

function samples({ n }: Comparison): string {
  return `n = ${n}`;
}
