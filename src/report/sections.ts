import { type CapacityRatio, compareCapacities } from '../analysis/comparison/capacity-ratio.ts';
import { DEFAULT_COMPARE, objectToVariants } from '../analysis/comparison/compare-sides.ts';
import type { VariantSummary } from '../result/records/summary-records.ts';
import { renderAnswer, renderAnswerTable, renderGrid } from './answer.ts';
import { renderBackground } from './beside/background.ts';
import { renderEvents } from './beside/events.ts';
import { renderClosing, renderVariantsClosing } from './closing.ts';
import { renderCapacityRatios } from './compare/capacity-ratio.ts';
import { renderComparison } from './compare/comparison.ts';
import { renderHosts } from './hosts.ts';
import { renderMeanings } from './meanings.ts';
import { renderRecovery } from './recovery/recovery.ts';
import { renderBottlenecks } from './run/bottleneck.ts';
import { renderBudgets } from './run/budgets.ts';
import { renderCost } from './run/cost.ts';
import { renderErrors } from './run/errors.ts';
import { renderFooter } from './run/footer.ts';
import { renderHeadline } from './run/headline.ts';
import { listColumns, renderMetrics, renderSlowest } from './run/metrics.ts';
import { renderNotices } from './run/notices.ts';
import { renderOutcomes } from './run/outcomes.ts';
import { renderRates, renderSteps } from './run/steps.ts';
import { isUneven, renderWindows } from './run/windows.ts';
import { renderCapacity } from './search/capacity.ts';
import { renderCurves } from './search/curve.ts';
import { renderCurvePlot } from './search/curve-plot.ts';
import { renderHeadroom } from './search/headroom.ts';
import {
  type DetailInput,
  listVariants,
  type Section,
  type ShownVariant,
  type VariantsInput,
} from './text/section.ts';
import { renderGenerator, renderRounds } from './variants/variants.ts';
import { renderVariantsCapacity } from './variants/variants-capacity.ts';
import { renderVariantsHeadline } from './variants/variants-headline.ts';
import { renderVariantsMetrics } from './variants/variants-metrics.ts';

type Render = (input: VariantsInput, variants: readonly ShownVariant[]) => readonly Section[];

/**
 * Returns the sections of a report, in order. Most are the same for every run and show each of its variants. Others
 * show the one variant of a lone run in detail. The rest show the variants of a run side by side, each with its rounds
 * merged.
 */
export function listSections(input: VariantsInput): Section[] {
  const variants = listVariants(input);
  return SECTIONS.flatMap((render) => render(input, variants));
}

const SECTIONS: readonly Render[] = [
  (input) => [renderAnswer(input), renderGrid(input), renderAnswerTable(input)],
  inDetail(renderCapacity, renderHeadline),
  sideBySide(renderVariantsCapacity, renderRatios, renderVariantsHeadline),
  renderRunBudgets,
  ({ summary, columns, paint }) => renderComparison(summary.comparison, { columns, paint }),
  renderBottlenecks,
  renderRecovery,
  renderCurves,
  inDetail(renderCurvePlot, renderHeadroom, renderMetrics, renderSlowest, renderRates),
  sideBySide(
    ({ columns }, variants) => renderOutcomes(variants, columns),
    ({ columns }, variants) => renderCost(variants, columns),
    renderGenerator,
    renderVariantsMetrics,
    renderRounds,
  ),
  renderHosts,
  renderEvents,
  renderSteps,
  renderWindows,
  renderErrors,
  renderBackground,
  renderNotices,
  (input, variants) => [renderFooter(input, variants)],
  inDetail(explainRun),
  sideBySide(explainVariants),
  inDetail(renderClosing),
  sideBySide((input, variants) => renderVariantsClosing(input, compareSearches(input, variants))),
];

/** Returns sections that only a lone run has. */
function inDetail(...renders: readonly ((input: DetailInput) => Section)[]): Render {
  return ({ header, summary: whole, ...style }, variants) => {
    if (!header.isLone) return [];
    const run = { header, summary: whole };
    return variants.flatMap(({ record, summary }) =>
      renders.map((render) => render({ ...style, record, summary, run })),
    );
  };
}

/** Returns sections that only a run of variants has. */
function sideBySide(
  ...renders: readonly ((input: VariantsInput, variants: readonly ShownVariant[]) => Section)[]
): Render {
  return (input, variants) =>
    input.header.isLone ? [] : renders.map((render) => render(input, variants));
}

function renderRunBudgets(
  { summary, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  const warnings = variants.flatMap(({ summary: own }) => own.warnings ?? []);
  const reasons = [...summary.validity.reasons, ...warnings];
  return [renderBudgets(summary.budgets, { columns, paint, reasons })];
}

function renderRatios(input: VariantsInput, variants: readonly ShownVariant[]): Section {
  const { columns, paint } = input;
  return { lines: renderCapacityRatios(compareSearches(input, variants), { columns, paint }) };
}

/** Compares the searches of the variants, with the scenario's settings for comparison. */
function compareSearches(
  { header: { compare = DEFAULT_COMPARE } }: VariantsInput,
  variants: readonly ShownVariant[],
): CapacityRatio[] {
  const findObjections = objectToVariants(compare);
  return compareCapacities(variants, compare, { findObjections, isForced: false });
}

/** Returns what the figures of a lone run mean, if all are to be explained. */
function explainRun({ summary, columns, paint, explain }: DetailInput): Section {
  if (explain !== true) return { lines: [] };
  return renderMeanings([summary], { columns, paint, titles: listColumns(summary, columns) });
}

function explainVariants(
  { columns, paint, explain }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  if (explain !== true) return { lines: [] };
  const titles = ['count', 'n', 'p50', 'p99'];
  return renderMeanings(variants.map(pickShown), { columns, paint, titles });
}

/** Returns the figures of a variant that the report of its run shows. */
function pickShown({ summary, record: { plan } }: ShownVariant): VariantSummary {
  const { windows = [], ...shown } = summary;
  const table = isUneven(windows, plan.durationUs) ? { windows } : {};
  return { ...shown, ...table, slowest: null, generator: null };
}
