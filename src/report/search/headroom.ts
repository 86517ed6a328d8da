import { findDrainUs, findHeadroom } from '../../analysis/search/headroom.ts';
import { formatCounted } from '../../counted.ts';
import type { Capacity, CurvePoint } from '../../result/records/capacity.ts';
import { renderFigure } from '../run/metrics.ts';
import { formatDurationRange, formatNumberRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { DetailInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { judgePoint, labelRates } from './curve.ts';

/** Shares of the sustained rate at which servers are run: with room for twice as much, and nearly full. */
const LOADS = [0.5, 0.8];
/** Sizes of herds: that of a fleet, and that of the herd in Recall.ai's report (2026). */
const HERDS = [1000, 3000];

/** Returns what a capacity means for planning; no lines if it gives nothing to plan with. */
export function renderHeadroom({ summary, columns, paint }: DetailInput): Section {
  const { capacity } = summary;
  if (capacity === null) return { lines: [] };
  const lines = [...describeLoads(capacity, paint), ...describeDrains(capacity)];
  return { lines: lines.flatMap((line) => wrapText(line, columns, 2)) };
}

/** Returns how much more than the tried rates is sustained. An answer limited by connstorm itself shows no headroom. */
function describeLoads(capacity: Capacity, paint: Paint): string[] {
  const { kind, lowerPerSecond } = capacity;
  if (kind === 'invalid' || lowerPerSecond === null) return [];
  const below = capacity.curve.filter(
    (point) => judgePoint(point) === 'yes' && point.offeredPerSecond < lowerPerSecond,
  );
  const chosen = LOADS.flatMap((share) => findNearest(below, share * lowerPerSecond) ?? []);
  const label = labelRates(capacity.curve);
  return [...new Set(chosen)].flatMap((point) => {
    const { offeredPerSecond: rate, latency } = point;
    const { low, high } = findHeadroom(capacity, rate);
    if (low === null) return [];
    const least = high === null ? 'at least ' : '';
    const times = formatNumberRange(low, high ?? low);
    const p99 = `p99 of latency was ${renderFigure(latency, 'p99Us', paint)}`;
    return `at ${label(point)} the target could take ${least}${times} times this rate; ${p99} (${formatCounted(latency.count, 'value')})`;
  });
}

function findNearest(points: readonly CurvePoint[], perSecond: number): CurvePoint | undefined {
  const distanceOf = (point: CurvePoint): number => Math.abs(point.offeredPerSecond - perSecond);
  return [...points].sort((a, b) => distanceOf(a) - distanceOf(b))[0];
}

/**
 * Returns how long herds take. Only for `found`: a wall refuses a herd, and without an upper bound a herd may take any
 * shorter time.
 */
function describeDrains(capacity: Capacity): string[] {
  if (capacity.kind !== 'found') return [];
  const drains = HERDS.flatMap((clients) => {
    const { low, high } = findDrainUs(capacity, clients);
    if (low === null || high === null) return [];
    return [`${formatDurationRange(low, high)} for ${formatCounted(clients, 'client')}`];
  });
  if (drains.length === 0) return [];
  return [
    `if clients come all at once, the last one is connected after at least: ${drains.join(', ')} (clients / capacity; beyond its capacity a server may be slower)`,
  ];
}
