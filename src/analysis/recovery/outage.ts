import { type ConnectGap, lengthOf } from '../../model/recovery.ts';
import type { Outage } from '../../result/records/recovery.ts';
import type { GapLog } from './gap-log.ts';
import { SECONDS_BEFORE } from './seconds-before.ts';
import type { TouchedIntervals } from './touched-intervals.ts';

/** A gap of fewer mean gaps is no outage. */
const FEWEST_MEAN_GAPS = 3;
/** With fewer good connects before the disturbance, their mean gap says too little. */
const FEWEST_CONNECTS = 10;
const SECOND_US = 1_000_000;

/** The time in which an outage is looked for, the beginning of the leg's first disturbance, and the end of the load. */
export interface OutageWindow {
  fromUs: number;
  untilUs: number;
  firstFromUs: number;
  ranUntilUs: number;
}

/** Returns the longest time without a good connect that overlaps the window. */
export function findOutage(
  gaps: GapLog,
  intervals: TouchedIntervals,
  window: OutageWindow,
): Outage {
  const { fromUs, untilUs, firstFromUs } = window;
  if (untilUs < fromUs + SECOND_US) return cannot('the load ended less than a second later');
  const before = intervals.listWithin(firstFromUs - SECONDS_BEFORE * SECOND_US, firstFromUs);
  const ok = before.reduce((sum, interval) => sum + interval.ok, 0);
  if (ok < FEWEST_CONNECTS) {
    return cannot(
      `it needs ${FEWEST_CONNECTS} good connects in whole seconds before the first disturbance, and there were ${ok}`,
    );
  }
  const beforeUs = before.reduce((sum, interval) => sum + interval.toUs - interval.fromUs, 0);
  const resolutionUs = Math.round(beforeUs / ok);
  const baseUs = before[0]?.fromUs ?? firstFromUs;
  const usual = gaps.findLongest((gap) => gap[0] >= baseUs && gap[1] <= firstFromUs);
  const usualUs = usual === undefined ? 0 : lengthOf(usual);
  const thresholdUs = Math.max(FEWEST_MEAN_GAPS * resolutionUs, usualUs + 1);
  if (hadStopped(gaps, firstFromUs, thresholdUs)) {
    return cannot('good connects had stopped coming before it began');
  }
  const { gap, isOpen } = findLongest(gaps, window);
  const [gapFromUs, gapToUs] = gap;
  const us = lengthOf(gap);
  if (us < thresholdUs) return { kind: 'none-seen', longestUs: us, thresholdUs, resolutionUs };
  const seen = { kind: 'seen', us, fromUs: gapFromUs, toUs: gapToUs, resolutionUs } as const;
  return isOpen ? { ...seen, atLeast: true } : seen;
}

/**
 * Returns whether there had been no good connect for longer than usual when it began, as between two herds. Such a gap
 * is longer than all before it in its interval, so it is in the records.
 */
function hadStopped(gaps: GapLog, atUs: number, usualUs: number): boolean {
  const lastUs = gaps.lastOkUs ?? 0;
  const longAgoUs = atUs - usualUs;
  return (
    lastUs < longAgoUs ||
    gaps.findLongest((gap) => gap[0] < longAgoUs && gap[1] >= atUs) !== undefined
  );
}

/** Returns the longest gap that overlaps the window, also the one that has not ended with the load. */
function findLongest(
  gaps: GapLog,
  { fromUs, untilUs, ranUntilUs }: OutageWindow,
): { gap: ConnectGap; isOpen: boolean } {
  const ended = gaps.findLongest((gap) => gap[0] < untilUs && gap[1] > fromUs) ?? [fromUs, fromUs];
  const lastOkUs = gaps.lastOkUs ?? 0;
  const open: ConnectGap = [lastOkUs, Math.max(lastOkUs, ranUntilUs)];
  const isOpen = lastOkUs < untilUs && lengthOf(open) > lengthOf(ended);
  return { gap: isOpen ? open : ended, isOpen };
}

function cannot(reason: string): Outage {
  return { kind: 'not-measurable', reason };
}
