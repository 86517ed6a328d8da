import { type CapacityRatio, findCapacityRatio } from '../analysis/comparison/capacity-ratio.ts';
import type { Capacity } from '../result/summary-records.ts';
import { formatNumber, formatNumberRange } from './format.ts';
import { escapeControls, wrapText } from './text.ts';

interface Searched {
  name: string;
  summary: { capacity: Capacity | null };
}

/** How many times as many connects each sustains as the first; nothing where not all of them were searched. */
export function renderCapacityRatios(sides: readonly Searched[], columns: number): string[] {
  const [baseline, ...others] = sides;
  const base = baseline?.summary.capacity ?? null;
  if (baseline === undefined || base === null) return [];
  return others.flatMap(({ name, summary: { capacity } }) => {
    if (capacity === null) return [];
    const size = describeRatio(findCapacityRatio(capacity, base));
    const sentence =
      size === undefined
        ? `how many connects a second ${name} sustains beside ${baseline.name} is not known`
        : `${name} sustains ${size} as many connects a second as ${baseline.name}`;
    return wrapText(escapeControls(sentence), columns, 2);
  });
}

function describeRatio({ low, high }: CapacityRatio): string | undefined {
  if (low !== null && high !== null) return `${formatNumberRange(low, high)} times`;
  if (low !== null) return `at least ${formatNumber(low)} times`;
  return high === null ? undefined : `at most ${formatNumber(high)} times`;
}
