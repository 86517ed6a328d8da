import { ErrorTable } from '../model/error-table.ts';
import { Histogram } from '../model/histogram.ts';
import type { Failure } from '../model/measures.ts';
import type { ActCounts, BackgroundRecord, WorkerCounts } from '../result/records/background.ts';
import type { ErrorCount } from '../result/records/intervals.ts';
import type { ActOutcome } from './activity.ts';

/** What the acts of an activity came to since the last record. */
export type Tallied = Pick<
  BackgroundRecord,
  'acts' | 'inFlight' | 'latency' | 'inTime' | 'workers' | 'errors'
>;

const NO_ACTS: ActCounts = { due: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 };

/** Counts the acts of one activity. Law: due = done + failed + skipped + cancelled + inFlight, over all records. */
export class ActTally {
  #acts = { ...NO_ACTS };
  #inFlight = 0;
  #latency = new Histogram();
  #inTime = 0;
  #workers: WorkerCounts | undefined;
  #errors = new ErrorTable();

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Counts an act whose moment came, and which is begun. `ended` follows. */
  begun(): void {
    this.#acts.due++;
    this.#inFlight++;
  }

  /** Counts an act whose moment came, and which is not begun. */
  skipped(): void {
    this.#acts.due++;
    this.#acts.skipped++;
  }

  /** Counts the end of an act. `latencyUs`: since the moment when it was due. */
  ended(outcome: ActOutcome, latencyUs: number): void {
    this.#inFlight--;
    if (outcome.end === 'inTime') this.#inTime++;
    this.#acts[outcome.end === 'inTime' ? 'done' : outcome.end]++;
    if (outcome.end === 'done' && outcome.workers !== undefined) this.#addWorkers(outcome.workers);
    if (outcome.end === 'failed') this.addFailure('attempt', outcome.failure);
    const isTimed =
      outcome.end === 'inTime' || (outcome.end === 'done' && outcome.isTimed !== false);
    if (isTimed) this.#latency.record(Math.max(0, latencyUs));
  }

  addFailure(ledger: ErrorCount['ledger'], failure: Failure): void {
    this.#errors.addFailure(ledger, failure);
  }

  /** Returns what was counted since the last call. */
  take(): Tallied {
    const latency = this.#latency;
    const inTime = this.#inTime;
    const workers = this.#workers;
    const told: Tallied = {
      acts: this.#acts,
      inFlight: this.#inFlight,
      ...(latency.count === 0 ? {} : { latency: latency.encode() }),
      ...(inTime === 0 ? {} : { inTime }),
      ...(workers === undefined ? {} : { workers }),
      errors: this.#errors.list(),
    };
    this.#acts = { ...NO_ACTS };
    this.#latency = new Histogram();
    this.#inTime = 0;
    this.#workers = undefined;
    this.#errors = new ErrorTable();
    return told;
  }

  #addWorkers({ planned, launched }: WorkerCounts): void {
    const sums = this.#workers ?? { planned: 0, launched: 0 };
    this.#workers = { planned: sums.planned + planned, launched: sums.launched + launched };
  }
}
