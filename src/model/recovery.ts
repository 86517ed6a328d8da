/**
 * The field `recovery` of an interval, from which the figures of a disturbance are computed. Moments are microseconds
 * since T0.
 */

import type { EncodedHistogram } from './measures.ts';

/** A time without a good connect: from one attempt that became ready until the next one did. */
export type ConnectGap = [fromUs: number, toUs: number];

/** The arrivals of one second, by their scheduled moments. */
export interface ArrivalSecond {
  /** A whole second. It may come again, with arrivals that connstorm began more than a minute late. */
  fromUs: number;
  /** Arrivals, dropped ones included. */
  due: number;
  /**
   * Latency of those that were connected; with sessions over all their attempts. The others have none: they failed,
   * were dropped or lost, or had not ended a minute after their second.
   */
  latency: EncodedHistogram;
}

/** Good connects and arrivals of one interval. */
export interface RecoveryRecord {
  /**
   * Gaps that ended in the interval, in order of time: only those that are longer than all others before them, or than
   * all others after them, in this interval. That is enough to find the longest gap of any time that is at least as
   * long as an interval. The last gap is among them, so its end is the moment of the last good connect.
   */
  gaps: ConnectGap[];
  /**
   * Good connects that were read only after a later one was in a record, as when a thread had no CPU for 0.25 s. They
   * split gaps. Absent: none.
   */
  lateUs?: number[];
  /** Seconds whose arrivals have all ended; absent: none. */
  arrivals?: ArrivalSecond[];
}

export const ARRIVAL_SECOND_US = 1_000_000;

/**
 * Returns the gaps that are longer than all before them or than all after them. Among them is the longest of the first
 * n gaps, and of the last n, for each n.
 */
export function keepOutstanding(gaps: readonly ConnectGap[]): ConnectGap[] {
  const kept = new Set<ConnectGap>();
  keepRecords(gaps, kept);
  keepRecords([...gaps].reverse(), kept);
  return gaps.filter((gap) => kept.has(gap));
}

function keepRecords(gaps: readonly ConnectGap[], kept: Set<ConnectGap>): void {
  let longestUs = 0;
  for (const gap of gaps) {
    if (lengthOf(gap) <= longestUs) continue;
    longestUs = lengthOf(gap);
    kept.add(gap);
  }
}

/** Returns a gap's length in microseconds. */
export function lengthOf([fromUs, toUs]: ConnectGap): number {
  return toUs - fromUs;
}
