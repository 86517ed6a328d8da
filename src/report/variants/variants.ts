import { type CapacityRatio, compareCapacities } from '../../analysis/comparison/capacity-ratio.ts';
import { DEFAULT_COMPARE, objectToVariants } from '../../analysis/comparison/compare-sides.ts';
import { sortRounds } from '../../analysis/comparison/counted-rounds.ts';
import { nameWorst } from '../../analysis/validity/merely-late.ts';
import { findTrust } from '../../analysis/validity/variant-trust.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import { renderVariantsClosing } from '../closing.ts';
import { renderCapacityRatios } from '../compare/capacity-ratio.ts';
import { renderComparison } from '../compare/comparison.ts';
import { renderMeanings } from '../meanings.ts';
import { describeBottleneck } from '../run/bottleneck.ts';
import { renderBudgets } from '../run/budgets.ts';
import { renderCost } from '../run/cost.ts';
import { listErrors } from '../run/errors.ts';
import { describeLedgers, describeSetting } from '../run/footer.ts';
import { renderFigure } from '../run/metrics.ts';
import { listNotices } from '../run/notices.ts';
import { renderOutcomes } from '../run/outcomes.ts';
import { listSteps } from '../run/steps.ts';
import { describeWatch } from '../run/watch.ts';
import { isUneven, renderVariantsWindows } from '../run/windows.ts';
import { formatDuration } from '../text/format.ts';
import {
  listVariants,
  type Section,
  type ShownVariant,
  type VariantsInput,
} from '../text/section.ts';
import { fitName, wrapText } from '../text/text.ts';
import { nameTrust } from './trust.ts';
import { renderVariantsCapacity, renderVariantsCurves } from './variants-capacity.ts';
import { renderVariantsHeadline } from './variants-headline.ts';
import { renderVariantsMetrics } from './variants-metrics.ts';

/** What the searches of the variants say of each other, as the scenario has them compared. */
function compareSearches(
  { header: { compare = DEFAULT_COMPARE } }: VariantsInput,
  variants: readonly ShownVariant[],
): CapacityRatio[] {
  const findObjections = objectToVariants(compare);
  return compareCapacities(variants, compare, { findObjections, isForced: false });
}

/** The report of a run of variants: side by side, the rounds of each merged. */
export function renderVariants(input: VariantsInput): Section[] {
  const variants = listVariants(input);
  const ratios = compareSearches(input, variants);
  const { columns, paint } = input;
  return [
    renderVariantsCapacity(input, variants),
    { lines: renderCapacityRatios(ratios, { columns, paint }) },
    renderVariantsHeadline(input, variants),
    renderBudgets(input.summary.budgets, {
      columns,
      paint,
      told: [
        ...input.summary.validity.reasons,
        ...variants.flatMap(({ summary }) => summary.warnings ?? []),
      ],
    }),
    ...renderComparison(input.summary.comparison, { columns, paint }),
    ...variants.map(({ name, summary }) => ({
      lines: describeBottleneck(summary.bottleneck, { columns, paint, whose: `${name}: ` }),
    })),
    ...renderVariantsCurves(input, variants),
    renderOutcomes(variants, columns),
    renderCost(variants, columns),
    renderGenerator(input, variants),
    renderVariantsMetrics(input, variants),
    renderRounds(input, variants),
    ...variants
      .filter(({ record }) => record.plan.steps.length > 1)
      .map(({ name, summary, record: { plan } }) =>
        listSteps(name, summary.steps, {
          plan,
          rounds: Math.max(1, summary.rounds.length),
          columns,
          paint,
        }),
      ),
    ...renderVariantsWindows(input, variants),
    ...variants.map(({ name, summary }) =>
      listErrors(`errors of ${name}`, summary.errors, { columns, paint }),
    ),
    ...variants.map(({ name, summary }) =>
      listNotices(`the server of ${name} said`, summary.notices ?? [], { columns, paint }),
    ),
    renderFooter(input, variants),
    ...(input.explain === true
      ? [
          renderMeanings(variants.map(pickShown), {
            columns,
            paint,
            titles: ['count', 'n', 'p50', 'p99'],
          }),
        ]
      : []),
    renderVariantsClosing(input, ratios),
  ];
}

/** Of a variant's figures those that its run's report shows. */
function pickShown({ summary, record: { plan } }: ShownVariant): VariantSummary {
  const { windows = [], ...shown } = summary;
  const told = isUneven(windows, plan.durationUs) ? { windows } : {};
  return { ...shown, ...told, slowest: null, generator: null };
}

function renderGenerator(
  { summary: { comparison }, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  const isCompared = comparison.length > 0;
  const head = ['connstorm itself', 'late p50', 'late p99', 'CPU a connect', 'valid'];
  const rows = variants.map(({ name, summary }) => {
    const { metrics, cpuPerConnectUs, validity } = summary;
    const { lateness } = metrics;
    const trust = findTrust(summary, isCompared);
    const { text, colour } = nameTrust(trust, nameWorst(validity) ?? 'invalid');
    return [
      fitName(name, columns),
      lateness === undefined ? '-' : renderFigure(lateness, 'p50Us', paint),
      lateness === undefined ? '-' : renderFigure(lateness, 'p99Us', paint),
      formatDuration(cpuPerConnectUs),
      paint[colour](text),
    ];
  });
  const note =
    'CPU a connect is the CPU time (user + system) of the whole connstorm process, divided by the attempts started. It includes using and closing connections, and all else that connstorm does';
  return { head, rows, notes: wrapText(note, columns, 2), spare: [1, 3, 2] };
}

/** How far rounds differ among themselves is what a difference between variants has to be held against. */
function renderRounds(
  { summary: { comparison }, header, columns }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  if (header.rounds.length < 2) return { lines: [] };
  const names = variants.map(({ name }) => fitName(name, columns));
  const width = Math.max(...names.map((name) => name.length));
  const metric = variants.every(({ summary }) => summary.metrics.latency !== undefined)
    ? 'latency'
    : 'serviceTime';
  const lines = variants.flatMap(({ summary }, at) => {
    const { counted } = sortRounds(summary.rounds);
    const figures = summary.rounds.map((round) => {
      const p50 = formatDuration(round.metrics[metric]?.p50Us ?? null);
      const p99 = formatDuration(round.metrics[metric]?.p99Us ?? null);
      const cut = round.stoppedBy === 'end' ? '' : ' (cut short)';
      const isLeftOut = comparison.length > 0 && !counted.includes(round);
      const code = `${isLeftOut ? 'left out: ' : ''}${nameWorst(round.validity)}`;
      const verdict = round.validity.valid ? '' : ` (${code})`;
      return `${p50} / ${p99}${cut}${verdict}`;
    });
    return wrapText(figures.join(', '), columns - width - 4).map((line, index) => {
      return `  ${(index === 0 ? (names[at] ?? '') : '').padEnd(width)}  ${line}`;
    });
  });
  const title = metric === 'latency' ? 'latency' : 'service time';
  return { lines: [...wrapText(`${title} by round, p50 / p99`, columns, 2), ...lines] };
}

function renderFooter(
  { summary, header, columns, paint, explain = false }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  const notes = [
    ...variants.flatMap(({ name, record, summary: own }) =>
      describeWatch(own.watch, record).map((line) => `${name}: ${line}`),
    ),
    ...describeSetting({ summary, header }, explain),
  ];
  return {
    lines: [
      ...describeLedgers(
        summary,
        variants.map(({ record }) => record.plan),
      ).flatMap((line) => wrapText(line, columns, 2)),
      ...notes.flatMap((note) => wrapText(note, columns, 2)).map(paint.dim),
    ],
  };
}
