import {
  addCounts,
  countEnded,
  countEndedConnections,
  countEndedSessions,
  type SessionCounts,
  zeroConnections,
  zeroCounts,
  zeroSessions,
} from '../model/accounting.ts';
import type { CrowdRecord } from '../model/crowd.ts';
import type { Accounting, ConnectionAccounting, SessionAccounting } from '../model/ledgers.ts';
import type { RecoveryRecord } from '../model/recovery.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import { OpenInterval } from './interval.ts';

export interface IntervalOptions {
  /** Length of an interval in microseconds. */
  intervalUs: number;
  /** Number of slow attempts that an interval keeps whole. */
  slowestKept: number;
  /** Removes and returns the crowds from before `beforeUs`; undefined if there are none. */
  takeCrowd(beforeUs: number): CrowdRecord | undefined;
  /** The same for what recovery is computed from. */
  takeRecovery(beforeUs: number): RecoveryRecord | undefined;
}

/** The totals of a run. */
export interface RunTotals {
  accounting: Accounting;
  connections: ConnectionAccounting;
  /** Absent without sessions. */
  sessions?: SessionAccounting;
}

/**
 * The intervals of a run, one after the other. It opens an interval when an event falls into it, closes them in order,
 * and keeps the totals of the closed ones. Moments are microseconds since T0.
 */
export class OpenIntervals {
  readonly #intervalUs: number;
  readonly #slowestKept: number;
  readonly #takeCrowd: IntervalOptions['takeCrowd'];
  readonly #takeRecovery: IntervalOptions['takeRecovery'];
  /** Open intervals by number, counted from `#baseUs`; `#first` is the oldest that may still be opened. */
  readonly #open = new Map<number, OpenInterval>();
  #baseUs = 0;
  #first = 0;
  #over = false;
  readonly #closedCounts = zeroCounts();
  readonly #closedConnections = zeroConnections();
  /** Totals of the sessions in closed intervals; undefined until there is a session. */
  #closedSessions: SessionCounts | undefined;

  constructor({ intervalUs, slowestKept, takeCrowd, takeRecovery }: IntervalOptions) {
    this.#intervalUs = intervalUs;
    this.#slowestKept = slowestKept;
    this.#takeCrowd = takeCrowd;
    this.#takeRecovery = takeRecovery;
  }

  /**
   * Returns the interval that an event at `atUs` counts in. If that interval is closed, it is the oldest open one.
   * Throws after `end`.
   */
  at(atUs: number): OpenInterval {
    if (this.#over)
      throw new Error('an event came after the recorder had closed its last interval');
    const number = Math.max(this.#first, Math.floor((atUs - this.#baseUs) / this.#intervalUs));
    return this.#open.get(number) ?? this.#openInterval(number);
  }

  /** Closes every interval that ended at `beforeUs` or earlier, also empty ones. Returns their records. */
  close(beforeUs: number): IntervalRecord[] {
    const records: IntervalRecord[] = [];
    while (this.#endOf(this.#first) <= beforeUs) {
      records.push(this.#closeFirst(this.#endOf(this.#first)));
    }
    return records;
  }

  /** Closes all intervals, the current one at `atUs`. The next one begins where it ended. Returns the records. */
  cut(atUs: number): IntervalRecord[] {
    const records = this.close(atUs);
    const last = Math.max(-1, ...this.#open.keys());
    while (this.#first < last) records.push(this.#closeFirst(this.#endOf(this.#first)));
    const fromUs = this.#endOf(this.#first - 1);
    if (last === this.#first || fromUs < atUs) {
      records.push(this.#closeFirst(fromUs < atUs ? atUs : this.#endOf(this.#first)));
    }
    this.#baseUs = records.at(-1)?.toUs ?? fromUs;
    this.#first = 0;
    return records;
  }

  /**
   * Closes everything that is left. The last interval ends at `atUs`, or at its full length if an event came later than
   * `atUs`. No event may follow. Returns the records.
   */
  end(atUs: number): IntervalRecord[] {
    const records = this.cut(atUs);
    this.#over = true;
    return records;
  }

  /** Returns the totals of the run so far, open intervals included. */
  sum(): RunTotals {
    const counts = { ...this.#closedCounts };
    const connections = { ...this.#closedConnections };
    const sessions = { ...(this.#closedSessions ?? zeroSessions()) };
    for (const interval of this.#open.values()) {
      addTallies(interval, counts, connections);
      addSessions(interval, sessions);
    }
    const waiting = sessions.begun - countEndedSessions(sessions);
    return {
      ...(sessions.begun === 0 ? {} : { sessions: { ...sessions, waiting } }),
      accounting: { ...counts, inFlight: counts.started - countEnded(counts) },
      connections: {
        ...connections,
        open: connections.opened - countEndedConnections(connections),
      },
    };
  }

  #endOf(number: number): number {
    return this.#baseUs + (number + 1) * this.#intervalUs;
  }

  #openInterval(number: number): OpenInterval {
    const interval = new OpenInterval(this.#endOf(number - 1), this.#slowestKept);
    this.#open.set(number, interval);
    return interval;
  }

  #closeFirst(toUs: number): IntervalRecord {
    const interval = this.#open.get(this.#first) ?? this.#openInterval(this.#first);
    this.#open.delete(this.#first);
    this.#first++;
    addTallies(interval, this.#closedCounts, this.#closedConnections);
    const sessions = this.#closedSessions ?? zeroSessions();
    if (addSessions(interval, sessions)) this.#closedSessions = sessions;
    const waiting = sessions.begun - countEndedSessions(sessions);
    const crowd = this.#takeCrowd(toUs);
    const recovery = this.#takeRecovery(toUs);
    return interval.toRecord(toUs, {
      ...(crowd === undefined ? {} : { crowd }),
      ...(recovery === undefined ? {} : { recovery }),
      ...(this.#closedSessions === undefined ? {} : { waiting }),
      inFlight: this.#closedCounts.started - countEnded(this.#closedCounts),
      open: this.#closedConnections.opened - countEndedConnections(this.#closedConnections),
    });
  }
}

/** Adds the interval's sessions to `sessions`. Returns whether the interval has any. */
function addSessions(interval: OpenInterval, sessions: SessionCounts): boolean {
  let isAny = false;
  for (const tally of interval.tallies) {
    if (tally.sessions === undefined) continue;
    addCounts(sessions, tally.sessions);
    isAny = true;
  }
  return isAny;
}

function addTallies(
  interval: OpenInterval,
  counts: ReturnType<typeof zeroCounts>,
  connections: ReturnType<typeof zeroConnections>,
): void {
  for (const tally of interval.tallies) {
    addCounts(counts, tally.counts);
    addCounts(connections, tally.connections);
  }
}
