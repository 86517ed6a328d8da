import { findDrainUs, findHeadroom } from '../../analysis/search/headroom.ts';
import { formatCounted } from '../../counted.ts';
import type { Capacity, CurvePoint } from '../../result/records/capacity.ts';
import { renderFigure } from '../run/metrics.ts';
import { formatDurationRange, formatNumberRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { DetailInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { judgePoint, labelRates } from './curve.ts';

/** Shares of what is sustained at which a server is run: with room for twice as much, and as full as one dares. */
const LOADS = [0.5, 0.8];
/** Herds: of a fleet, and of the one in Recall.ai's report (2026). */
const HERDS = [1000, 3000];

/** What a capacity means to those who plan with it; nothing where it says nothing. */
export function renderHeadroom({ summary, columns, paint }: DetailInput): Section {
  const { capacity } = summary;
  if (capacity === null) return { lines: [] };
  const lines = [...describeLoads(capacity, paint), ...describeDrains(capacity)];
  return { lines: lines.flatMap((line) => wrapText(line, columns, 2)) };
}

/** At rates that were tried: how many times as much is sustained. What ended for connstorm's sake tells of no room. */
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

/** A wall refuses a herd, and where the capacity was not reached it may be served any faster. */
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
