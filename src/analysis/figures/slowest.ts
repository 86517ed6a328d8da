import type { Histogram } from '../../model/histogram.ts';
import type { SlowAttempt } from '../../result/records/intervals.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';

const SLOWEST_SHARE = 0.01;
/** Twice the width of a histogram's bucket at 3 digits. */
const BUCKET_SHARE = 0.001;

type SlowestSummary = NonNullable<SummaryRecord['slowest']>;
type Piece = keyof SlowestSummary['meanUs'];

/**
 * Returns where the slowest 1 % of the ok attempts (at least one) spent their time. `kept`: slow attempts that were
 * recorded with their parts, slowest first. If an interval had more slow ones than it kept, the missing ones are not
 * replaced by faster ones. The means add up to the mean latency of the attempts found, lateness included.
 */
export function summariseSlowest(
  latency: Histogram,
  kept: readonly SlowAttempt[],
): SlowestSummary | null {
  const count = Math.ceil(latency.count * SLOWEST_SHARE);
  const limitUs = latency.valueAtRank(latency.count - count + 1) * (1 - BUCKET_SHARE);
  const slowest = kept.slice(0, count).filter(({ latencyUs }) => latencyUs >= limitUs);
  const last = slowest.at(-1);
  if (last === undefined) return null;
  return { count, kept: slowest.length, fromUs: last.latencyUs, meanUs: meanByPiece(slowest) };
}

function meanByPiece(attempts: readonly SlowAttempt[]): SlowestSummary['meanUs'] {
  const sums: SlowestSummary['meanUs'] = { lateness: 0 };
  for (const { latenessUs, earlierHostsUs, phases } of attempts) {
    const earlier = earlierHostsUs === undefined ? {} : { earlierHosts: earlierHostsUs };
    const pieces = { lateness: latenessUs, ...earlier, ...phases };
    for (const [piece, us] of Object.entries(pieces) as [Piece, number][]) {
      sums[piece] = (sums[piece] ?? 0) + us;
    }
  }
  for (const [piece, us] of Object.entries(sums) as [Piece, number][]) {
    sums[piece] = Math.round(us / attempts.length);
  }
  return sums;
}
