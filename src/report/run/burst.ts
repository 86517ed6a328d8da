import type { HeaderRecord, StepRecord } from '../../result/records/header.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { formatCount, formatDuration, formatSpan } from '../text/format.ts';

/**
 * A herd comes once: what it offers is a number of clients, and what came of it is how long that took. Rates over the
 * time that its block lasts would say nothing of either.
 */
export function isBurst({ executor, blocks }: HeaderRecord['plan'], step: StepRecord): boolean {
  return (blocks?.[step.block ?? 0]?.executor ?? executor) === 'burst';
}

/** Of clients that come within a window; 0: at once. */
export function describeHerd(count: number, step: StepRecord | undefined): string {
  const { startRatePerSecond: rate } = step ?? {};
  const clients = formatCount(count);
  return rate === undefined
    ? `${clients} at once`
    : `${clients} within ${formatSpan((count / rate) * 1_000_000)}`;
}

/** `4.80 s`: from the burst's start until the last of those that were connected was; `-` where none was. */
export function describeTaken({ fromUs, lastConnectedUs }: StepSummary): string {
  return lastConnectedUs === undefined ? '-' : formatDuration(lastConnectedUs - fromUs);
}
