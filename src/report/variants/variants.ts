import { sortRounds } from '../../analysis/comparison/counted-rounds.ts';
import { nameWorst } from '../../analysis/validity/merely-late.ts';
import { findTrust } from '../../analysis/validity/variant-trust.ts';
import { renderFigure } from '../run/metrics.ts';
import { formatDuration } from '../text/format.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { fitName, wrapText } from '../text/text.ts';
import { nameTrust } from './trust.ts';

/** Returns how late connstorm was in each variant, and how much of its CPU time a connect took. */
export function renderGenerator(
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

/**
 * Returns the figures of each round. A difference between variants counts only against the differences between their
 * rounds.
 */
export function renderRounds(
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
