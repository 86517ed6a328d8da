import { type CapacityRatio, listCapacityRatios } from '../analysis/comparison/capacity-ratio.ts';
import { escapeControls } from '../controls.ts';
import { formatNumber, formatNumberRange } from './format.ts';
import { wrapText } from './text.ts';

/** How many times as many connects each sustains as the first; nothing where they were not searched. */
export function renderCapacityRatios(
  sides: Parameters<typeof listCapacityRatios>[0],
  columns: number,
): string[] {
  return listCapacityRatios(sides).flatMap((ratio) => {
    const { a, b } = ratio;
    const size = describeRatio(ratio);
    const sentence =
      size === undefined
        ? `how many connects a second ${a} sustains beside ${b} is not known`
        : `${a} sustains ${size} as many connects a second as ${b}`;
    return wrapText(escapeControls(sentence), columns, 2);
  });
}

function describeRatio({ low, high }: CapacityRatio): string | undefined {
  if (low !== null && high !== null) return `${formatNumberRange(low, high)} times`;
  if (low !== null) return `at least ${formatNumber(low)} times`;
  return high === null ? undefined : `at most ${formatNumber(high)} times`;
}
