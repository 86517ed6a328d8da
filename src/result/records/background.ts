/** Records of the activities beside the load. Times are integer microseconds since T0. */

import type { EncodedHistogram } from '../../model/measures.ts';
import type { ActivityKind } from '../../scenario/schema/beside/background-schema.ts';
import type { ErrorCount } from './intervals.ts';
import type { MetricSummary } from './summary-figures.ts';

/** Acts of an activity. Law: due = done + failed + skipped + cancelled + inFlight. */
export interface ActCounts {
  /** Acts whose moment came. Without a rate: acts that were begun. */
  due: number;
  done: number;
  failed: number;
  /** Acts that were not begun, because too many were under way, or no connection was free. */
  skipped: number;
  /** Acts that were under way when the run ended, and were ended with it. */
  cancelled: number;
}

/** Connections that an activity opened before the load and keeps. All but `wanted` and `open` are differences. */
export interface KeptCounts {
  /** How many were opened before the load. */
  wanted: number;
  /** How many are open at `toUs`. */
  open: number;
  /** Connections that ended against the activity's will. */
  lost: number;
  /** Lost connections that were opened again. */
  back: number;
  /** Time that connections were away, of all together. */
  awayUs: number;
  /** The longest time that one was away until now, among those that came back or are away; 0: none. */
  longestAwayUs: number;
}

/** Parallel workers of queries, as the server reported them for each query. */
export interface WorkerCounts {
  planned: number;
  launched: number;
}

/** What an activity did in about a second. */
export interface BackgroundRecord {
  type: 'background';
  /** Its name in the scenario. */
  name: string;
  activity: ActivityKind;
  fromUs: number;
  toUs: number;
  /** Part of the time in which acts were due: until the planned end of the load, or until it was stopped. */
  actingUs: number;
  /** Differences, not totals. */
  acts: ActCounts;
  /** Acts under way at `toUs`. */
  inFlight: number;
  /**
   * Latency of the acts that were done: from the moment when an act was due (without a rate: began) until its end.
   * Absent: none was done.
   */
  latency?: EncodedHistogram;
  /** Only of `abandons`: the part of `done` that was ready before it could be given up. Absent: 0. */
  inTime?: number;
  /** Workers of the queries that were done. Absent: the activity has no queries with workers, or none was done. */
  workers?: WorkerCounts;
  /** Failures of acts, and of connections that were lost or not opened again. */
  errors: ErrorCount[];
  /** Absent: the activity keeps no connections. */
  kept?: KeptCounts;
  /** In its first record of a leg: what it opened before the load. Absent: it keeps no connections. */
  opening?: OpeningRecord;
}

/** How the connections of an activity were opened before the load. */
export interface OpeningRecord {
  /** How many the scenario asks for. */
  asked: number;
  opened: number;
  elapsedUs: number;
  /** Why fewer were opened than asked for; absent: all were. */
  leftOut?: string;
  /** Absent: the host does not show it, nothing was opened, or the activity is not `held`. */
  memory?: BackendMemory;
}

/**
 * Memory of idle backends right after they were opened: pages that no other process shares, and page tables. So it is
 * what the host would get back if they ended, except for some tens of kB each that the kernel keeps for a process and a
 * socket.
 */
export interface BackendMemory {
  /** How many backends were looked at: at most 50, evenly chosen. */
  backends: number;
  /** Memory of all these backends together. */
  bytes: number;
}

/** What an activity came to, over all rounds of a variant. */
export interface BackgroundSummary {
  name: string;
  activity: ActivityKind;
  /** The time in which acts were due, over all rounds. */
  actingUs: number;
  acts: ActCounts;
  /** Acts that were under way where a file was cut off; 0 otherwise. */
  inFlight: number;
  /** As in its records. Absent: no act was done whose duration says something about the target. */
  latency?: MetricSummary;
  inTime?: number;
  workers?: WorkerCounts;
  errors: ErrorCount[];
  /** Sums over all rounds; `wanted` and `fewestOpen` are the fewest of any record. Absent: it keeps no connections. */
  kept?: Omit<KeptCounts, 'open'> & { fewestOpen: number };
  /** By round, in the order of the file. Absent: it keeps no connections. */
  openings?: OpeningRecord[];
  /** Sums over all openings. Absent: the host showed it in none of them. */
  memory?: BackendMemory;
}
