import { findTrust } from '../../analysis/validity/variant-trust.ts';
import type { Boundary, SummaryMetric } from '../../model/measures.ts';
import { isVerdictAbout } from '../explained.ts';
import {
  BOUNDARY_NOTES,
  HOW_TO_EXPLAIN,
  LABELS,
  listCensored,
  noteBound,
  renderFigure,
} from '../run/metrics.ts';
import { formatCount } from '../text/format.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { type Cells, measureTable } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';

const FIGURES = ['p50Us', 'p99Us'] as const;

/** Returns every metric of every variant: the variants as columns if they fit, else a block of rows for each metric. */
export function renderVariantsMetrics(
  { summary, columns, paint, explain = false }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  const metrics = (Object.keys(LABELS) as SummaryMetric[]).filter((metric) =>
    variants.some(({ summary }) => summary.metrics[metric] !== undefined),
  );
  const fits = measureTable(layOutBeside(metrics, variants, createPaint(false))) <= columns;
  const layOut = fits ? layOutBeside : layOutInBlocks;
  const isSpawnTold =
    explain ||
    variants.some(({ summary: own }) =>
      isVerdictAbout('spawn', { ...own, budgets: summary.budgets }),
    );
  const notes = [
    noteCensored(variants),
    noteUnanswered(variants),
    noteUnusable(variants),
    noteSpawn(variants, isSpawnTold),
    noteRounds(variants, summary.comparison.length > 0),
    explain ? '' : HOW_TO_EXPLAIN,
  ];
  return {
    ...layOut(metrics, variants, paint),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

function noteRounds(variants: readonly ShownVariant[], isCompared: boolean): string {
  if (variants.every(({ summary }) => summary.rounds.length < 2)) {
    return 'for information only: figures of one round do not show how much rounds differ by chance';
  }
  const isAnyLeftOut = variants.some(({ summary }) => findTrust(summary, isCompared).leftOut > 0);
  const also = isAnyLeftOut ? ', and hold those that the comparison leaves out' : '';
  return `for information only: figures of all rounds merged do not show how much rounds differ by chance${also}`;
}

function layOutBeside(
  metrics: readonly SummaryMetric[],
  variants: readonly ShownVariant[],
  paint: Paint,
): Cells {
  const head = ['', ...variants.flatMap(({ name }) => [`${name} n`, 'p50', 'p99'])];
  const rows = metrics.map((metric) => [
    LABELS[metric],
    ...variants.flatMap((variant) => renderCells(variant, metric, paint)),
  ]);
  return { head, rows };
}

function layOutInBlocks(
  metrics: readonly SummaryMetric[],
  variants: readonly ShownVariant[],
  paint: Paint,
): Cells {
  const rows = metrics.flatMap((metric) => [
    [LABELS[metric].trim(), '', '', ''],
    ...variants.map((variant) => [`  ${variant.name}`, ...renderCells(variant, metric, paint)]),
  ]);
  return { head: ['', 'count', 'p50', 'p99'], rows };
}

/** Returns the cells count, p50 and p99. */
function renderCells({ summary }: ShownVariant, metric: SummaryMetric, paint: Paint): string[] {
  const figures = summary.metrics[metric];
  if (figures === undefined) return ['-', '-', '-'];
  return [formatCount(figures.count), ...FIGURES.map((name) => renderFigure(figures, name, paint))];
}

function noteCensored(variants: readonly ShownVariant[]): string {
  const counts = variants.flatMap(({ name, summary }) => {
    const censored = summary.metrics.latency?.censored ?? 0;
    return censored === 0 ? [] : [`${formatCount(censored)} of ${name}`];
  });
  if (counts.length === 0) return '';
  const summaries = variants.map(({ summary }) => summary);
  const bound = noteBound(summaries.flatMap(({ metrics }) => Object.values(metrics)));
  return `without a latency, and ranked as the slowest: ${counts.join(', ')} (${listCensored(summaries)})${bound}`;
}

/** Returns a note about connections that have a latency and no first query. */
function noteUnanswered(variants: readonly ShownVariant[]): string {
  const counts = variants.flatMap(({ name, summary: { metrics } }) => {
    const more = (metrics.firstQuery?.censored ?? 0) - (metrics.latency?.censored ?? 0);
    return more <= 0 ? [] : [`${formatCount(more)} of ${name}`];
  });
  if (counts.length === 0) return '';
  const isTold = variants.some(({ summary }) => (summary.metrics.latency?.censored ?? 0) > 0);
  const figures = variants.flatMap(({ summary }) => Object.values(summary.metrics));
  return `ready, but without a result of the first query, and ranked as the slowest there: ${counts.join(', ')}${isTold ? '' : noteBound(figures)}`;
}

/** Returns a note about connections that have a first query's result and are not usable. */
function noteUnusable(variants: readonly ShownVariant[]): string {
  const counts = variants.flatMap(({ name, summary: { metrics } }) => {
    const more = (metrics.usable?.censored ?? 0) - (metrics.firstQuery?.censored ?? 0);
    return metrics.usable === undefined || more <= 0 ? [] : [`${formatCount(more)} of ${name}`];
  });
  if (counts.length === 0) return '';
  const isTold = variants.some(({ summary }) => (summary.metrics.firstQuery?.censored ?? 0) > 0);
  const figures = variants.flatMap(({ summary }) => Object.values(summary.metrics));
  return `these have no result of their last statement, and rank as the slowest in usable: ${counts.join(', ')}${isTold ? '' : noteBound(figures)}`;
}

/**
 * Returns a note about the end of spawn. If the variants' boundaries differ, their spawns cannot be compared: that is
 * always noted. A single boundary is noted only if `isTold`.
 */
function noteSpawn(variants: readonly ShownVariant[], isTold: boolean): string {
  const texts = variants.map(({ name, summary }) => {
    const seen = Object.keys(summary.boundaries) as Boundary[];
    return { name, text: seen.map((boundary) => BOUNDARY_NOTES[boundary]).join('; ') };
  });
  const distinct = new Set(texts.map(({ text }) => text));
  distinct.delete('');
  if (distinct.size === 0) return '';
  if (distinct.size === 1) return isTold ? `spawn ends with ${[...distinct].join('')}` : '';
  const each = texts.filter(({ text }) => text !== '').map(({ name, text }) => `${name}: ${text}`);
  return `spawn ends with different messages, so do not compare it (${each.join('; ')})`;
}
