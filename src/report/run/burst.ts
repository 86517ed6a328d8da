import type { HeaderRecord, StepRecord } from '../../result/records/header.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { formatCount, formatDuration, formatSpan } from '../text/format.ts';

/**
 * Returns whether the step is a burst. A herd comes once, so its figures are the number of clients and the time that
 * they took. Rates over the length of its block would show neither.
 */
export function isBurst({ executor, blocks }: HeaderRecord['plan'], step: StepRecord): boolean {
  return (blocks?.[step.block ?? 0]?.executor ?? executor) === 'burst';
}

/** Returns `300 at once`, or `300 within 2 s`. */
export function describeHerd(count: number, step: StepRecord | undefined): string {
  const { startRatePerSecond: rate } = step ?? {};
  const clients = formatCount(count);
  return rate === undefined
    ? `${clients} at once`
    : `${clients} within ${formatSpan((count / rate) * 1_000_000)}`;
}

/**
 * Returns the time from the burst's start until its last connected client was connected, such as `4.80 s`; `-` if none
 * was.
 */
export function describeTaken({ fromUs, lastConnectedUs }: StepSummary): string {
  return lastConnectedUs === undefined ? '-' : formatDuration(lastConnectedUs - fromUs);
}
