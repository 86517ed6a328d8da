import { escapeControls } from '../../controls.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import type { Aggregation, JudgedMetric } from '../../scenario/figure.ts';
import { formatNumber, formatShare } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import { wrapText } from '../text/text.ts';
import { describeEvidence, describeSize, TIMES_FROM } from './difference.ts';
import { describeLeftOut, hasUnknownRounds } from './left-out.ts';

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

function listLate({ verdict, a, b, late = [] }: Comparison): string[] {
  if (late.length === 0) return [];
  const names = late.map((side) => (side === 'a' ? a : b)).join(' and ');
  const what = `connstorm was late with ${names}, and this lateness is in the figures`;
  const holds = '. The interval covers both cases: all of this lateness subtracted, and none of it';
  return [escapeControls(verdict === 'descriptive' ? what : `${what}${holds}`)];
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
    `it is not known whether ${whoDoes(it)} faster or slower ${than(it)}: ${describeChange(it)} (${samples(it)}); ${describeWant(it)}`,
  descriptive: ({ a, b, reasons = [] }) => `no verdict on ${a} against ${b}: ${reasons.join('; ')}`,
} satisfies Record<Comparison['verdict'], (comparison: Comparison) => string>;

/** Returns what a verdict would need. More rounds of the same kind reduce only the effect of chance. */
function describeWant(comparison: Comparison): string {
  const { a, b, aShare, bShare, metric, aggregation, atLeast = [], late = [] } = comparison;
  if (hasUnknownRounds(comparison)) return UNKNOWN_ROUNDS;
  if (atLeast.length > 0) {
    const share = (of: number | null): string => (of === null ? 'none' : formatShare(of));
    const few = atLeast.map((side) =>
      side === 'a' ? `${share(aShare)} of ${a}'s` : `${share(bShare)} of ${b}'s`,
    );
    return `too few attempts have this figure (${few.join(' and ')}), so its ${nameQuantile(aggregation)} is only a lower bound`;
  }
  return late.length > 0
    ? `connstorm's own lateness is a part of the difference: repeat it on a quieter machine${FROM_START.includes(metric) ? '' : `, or compare ${nameFromStart(metric)}`}`
    : 'more or longer rounds may give a verdict';
}

const UNKNOWN_ROUNDS =
  'the rounds that are left out may have taken any time, which makes the range wider: mend what spoilt them (the report of the run says how), and repeat it';

/** Figures that count from the actual start and so contain no lateness. */
const FROM_START: readonly JudgedMetric[] = [
  'serviceTime',
  'firstQueryServiceTime',
  'usableServiceTime',
];

function nameFromStart(metric: JudgedMetric): string {
  return metric === 'usable' ? 'usableServiceTime' : 'serviceTime or firstQueryServiceTime';
}

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

/** Returns `p99` for `p(99)`. */
export function nameQuantile(aggregation: Aggregation): string {
  return aggregation.replace(/[()]/g, '');
}

function samples({ n }: Comparison): string {
  return `n = ${n}`;
}

/**
 * Returns `from 12% less to 20% more time`. Both ends have the same unit: if one end is shown as a factor, so is the
 * other (`from 0.71 to 1.71 times the time`). A single bound is always a factor, because "at least 12% less time" would
 * be read as the other bound.
 */
function describeChange(comparison: Comparison): string {
  const { low, high } = comparison;
  if (low === null && high === null) {
    return hasUnknownRounds(comparison)
      ? 'too many rounds are left out to give bounds'
      : 'too few attempts were answered to give bounds';
  }
  if (low === null) return `at most ${formatNumber(high ?? 0)} times the time`;
  if (high === null) return `at least ${formatNumber(low)} times the time`;
  return high >= TIMES_FROM
    ? `from ${formatNumber(low)} to ${formatNumber(high)} times the time`
    : `from ${describeEnd(low)} to ${describeEnd(high)} time`;
}

function describeEnd(ratio: number): string {
  return ratio < 1 ? `${formatShare(1 - ratio)} less` : `${formatShare(ratio - 1)} more`;
}
