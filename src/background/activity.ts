import type { Failure } from '../model/measures.ts';
import type { KeptCounts, OpeningRecord, WorkerCounts } from '../result/records/background.ts';
import type { ErrorCount } from '../result/records/intervals.ts';

/**
 * How an act ended. `done`: as planned. `inTime`: a connect that was to be given up was ready before that. `skipped`:
 * it could not begin, because no connection was free.
 */
export type ActOutcome =
  | {
      end: 'done';
      /** False: its length says nothing about the target. Absent: it does. */
      isTimed?: false;
      /** Parallel workers of the query; absent: it was none with workers. */
      workers?: WorkerCounts;
    }
  | { end: 'inTime' }
  | { end: 'skipped' }
  | { end: 'cancelled' }
  | { end: 'failed'; failure: Failure };

/** Receives how one act ended. Called exactly once. */
export type ActEnd = (outcome: ActOutcome) => void;

/** Called with a failure of a connection, or of its opening, that belongs to no act. */
export type NoteFailure = (ledger: ErrorCount['ledger'], failure: Failure) => void;

/** The pace of an activity. */
export type Pace =
  /** Acts are due at evenly spaced moments, from T0 on. At most `atOnce` are under way; further ones are skipped. */
  | { kind: 'rate'; ratePerSecond: number; atOnce: number }
  /** `clients` acts are under way at all times: the next one begins when one has ended. */
  | { kind: 'clients'; clients: number }
  /** There are no acts. */
  | { kind: 'none' };

/** Connections that an activity keeps, as the records tell of them. */
export interface Kept {
  /** Returns the counts since the last call. */
  take(): KeptCounts;
}

/**
 * One activity beside the load. It is opened before the load, acts when its runner says so, and is closed after the
 * load. The runner keeps the time, not the activity.
 */
export interface Activity {
  readonly pace: Pace;
  /** undefined: it keeps no connections. */
  readonly kept?: Kept;
  /**
   * Opens what the activity needs. Resolves with what was opened; undefined if nothing was needed. Rejects with an Error
   * of one line if the activity cannot work.
   */
  open(): Promise<OpeningRecord | undefined>;
  /** Called once, at T0 or shortly before: lost connections are opened again from now on. */
  begin?(): void;
  /** Returns how many acts could begin now. Absent: any number. */
  countFree?(): number;
  /** Acts once. `end` may be called before this returns. */
  act(end: ActEnd): void;
  /**
   * Ends what is under way, and closes what is open. Acts under way end as `cancelled`, except those that wait for an
   * answer on a ControlSession: they end later, and the last records count them as in flight. Without `atOnce`
   * connections may stay open until the server has ended their backends. May be called twice, and while it opens.
   */
  close(atOnce: boolean): void;
  /** Returns how many connections the server has not ended yet after `close`. Absent: none is waited for. */
  countLeaving?(): number;
}
