import type { CapacityRatio } from '../../analysis/comparison/capacity-ratio.ts';
import type { NamedResult } from '../../analysis/comparison/group-sides.ts';
import { listSides } from '../../analysis/comparison/list-sides.ts';
import { describeCut, type Side } from '../../analysis/comparison/obstacles.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import { liftHeader } from '../../result/lift.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import { renderCost } from '../run/cost.ts';
import { renderOutcomes } from '../run/outcomes.ts';
import { renderSections } from '../terminal.ts';
import { formatCount } from '../text/format.ts';
import { createPaint } from '../text/paint.ts';
import type { Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { renderCapacityRatios } from './capacity-ratio.ts';
import { renderComparison } from './comparison.ts';

export interface Compared {
  results: readonly NamedResult[];
  /** Groups of sides that were compared with each other, the baseline first. */
  groups: readonly (readonly Side[])[];
  compared: readonly Comparison[];
  capacities: readonly CapacityRatio[];
}

/** Returns the report of `connstorm compare`. It ends with a line feed. */
export function renderComparisonReport(
  { results, groups, compared, capacities }: Compared,
  { columns, colour }: { columns: number; colour: boolean },
): string {
  const paint = createPaint(colour);
  const headline = [...results.map(describeResult), ...findSame(results)].flatMap((line) =>
    wrapText(line, columns, 2),
  );
  const sections: Section[] = groups.flatMap((sides) => {
    const own = compared.filter(({ b }) => b === sides[0]?.name);
    const ownCapacities = capacities.filter(({ b }) => b === sides[0]?.name);
    return [
      ...renderComparison(own, { columns, paint }),
      { lines: renderCapacityRatios(ownCapacities, { columns, paint }) },
      renderOutcomes(sides, columns),
      renderCost(sides, columns),
    ];
  });
  return renderSections([{ lines: headline }, ...sections], paint, columns);
}

/** Returns `before: steady, 5 rounds, 2026-11-25T10:00:00.000Z, PostgreSQL 18.4, connstorm 0.1.0`. */
function describeResult({ label, file, header, summary }: NamedResult): string {
  const targets = liftHeader(header).variants.map(({ target }) => target);
  const versions = new Set(targets.map(({ server }) => server.version ?? 'of an unknown version'));
  const cut = describeCut(summary);
  const parts = [
    ...(file === undefined ? [] : [file]),
    header.scenario,
    ...(header.label === undefined ? [] : [`label ${header.label}`]),
    countRounds({ header, summary }),
    header.startedAt,
    `PostgreSQL ${[...versions].join(' / ')}`,
    `connstorm ${header.connstorm}`,
    ...(cut === undefined ? [] : [cut]),
  ];
  return escapeControls(`${label}: ${parts.join(', ')}`);
}

/** Returns a line for each result that is a copy of one before it. */
function findSame(results: readonly NamedResult[]): string[] {
  const texts = results.map(({ header, summary }) => JSON.stringify([header, summary]));
  return results.flatMap(({ label }, index) => {
    const first = results[texts.indexOf(texts[index] ?? '')];
    if (first === undefined || first.label === label) return [];
    return [
      escapeControls(
        `${label} is the same run as ${first.label}: no difference can be seen between the two`,
      ),
    ];
  });
}

/** Counts the rounds that every variant ran to the end. */
function countRounds({ header, summary }: Pick<NamedResult, 'header' | 'summary'>): string {
  const planned = liftHeader(header).rounds.length;
  const ended = listSides(header, summary).map(
    (side) => side.summary.rounds.filter(({ stoppedBy }) => stoppedBy === 'end').length,
  );
  const whole = Math.min(planned, ...ended);
  if (whole < planned) return `${formatCount(whole)} of ${formatCounted(planned, 'round')}`;
  return planned === 1 ? 'one round' : formatCounted(planned, 'round');
}
