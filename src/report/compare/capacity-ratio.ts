import type { CapacityRatio } from '../../analysis/comparison/capacity-ratio.ts';
import { escapeControls } from '../../controls.ts';
import { formatNumber, formatNumberRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import { wrapText } from '../text/text.ts';

/**
 * Returns how the capacity of each side compares with the baseline's, and what a verdict would need; an empty list
 * without searches.
 */
export function renderCapacityRatios(
  ratios: readonly CapacityRatio[],
  { columns, paint }: { columns: number; paint: Paint },
): string[] {
  return ratios.flatMap((ratio) => {
    const { reasons = [], forced = false, verdict } = ratio;
    const sentence = escapeControls(SENTENCES[verdict](ratio));
    const marks = forced
      ? reasons.map((reason) => `judged in spite of this (--force): ${reason}`)
      : [];
    return [
      ...wrapText(sentence, columns, 2).map((line) => paint.bold(paint[COLOURS[verdict]](line))),
      ...marks.flatMap((mark) => wrapText(escapeControls(mark), columns, 2)).map(paint.red),
    ];
  });
}

const COLOURS = {
  more: 'green',
  fewer: 'red',
  equivalent: 'green',
  inconclusive: 'yellow',
  descriptive: 'yellow',
} as const satisfies Record<CapacityRatio['verdict'], 'green' | 'red' | 'yellow'>;

const SENTENCES = {
  more: describeDifference,
  fewer: describeDifference,
  equivalent: (it) => `${it.a} sustains as many connects a second as ${it.b}: ${describeSize(it)}`,
  inconclusive: (it) =>
    `it is not known whether ${it.a} sustains more or fewer connects a second than ${it.b}: ${describeSize(it)}; to find out, ${WANTED}`,
  descriptive: (it) =>
    `no verdict on which of ${it.a} and ${it.b} sustains more connects a second: ${(it.reasons ?? []).join('; ')}; measured: ${describeSize(it)}`,
} satisfies Record<CapacityRatio['verdict'], (ratio: CapacityRatio) => string>;

const WANTED =
  'search with a smaller load.tolerance, or run both at one rate as variants in five rounds (--repeat 5)';

function describeDifference(ratio: CapacityRatio): string {
  return `${ratio.a} sustains ${describeTimes(ratio) ?? 'an unknown number of times'} as many connects a second as ${ratio.b}`;
}

function describeSize(ratio: CapacityRatio): string {
  const times = describeTimes(ratio);
  return times === undefined ? 'no bounds are known' : `${times} as many`;
}

function describeTimes({ low, high }: CapacityRatio): string | undefined {
  if (low !== null && high !== null) return `${formatNumberRange(low, high)} times`;
  if (low !== null) return `at least ${formatNumber(low)} times`;
  return high === null ? undefined : `at most ${formatNumber(high)} times`;
}
