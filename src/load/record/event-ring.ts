import { ABSENT, type Attempt } from '../../drivers/driver.ts';
import { BOUNDARIES } from '../../model/measures.ts';

/**
 * The events of a worker, in memory that it shares with the coordinator. The ring has one writer and one reader. It
 * needs no message and no encoding on the pacing thread, and nothing is lost when the worker dies. An event is a row of
 * numbers.
 */

export const EVENT = {
  /** An attempt was started. */
  begun: 1,
  /** An arrival was not begun, because a cap was reached or the run was ended at once. */
  dropped: 2,
  ok: 3,
  failed: 4,
  cancelled: 5,
  firstQuery: 6,
  connectionEnded: 7,
  abandoned: 8,
  /** A sampled backend reported its age. */
  backendAge: 9,
  /** A further attempt of a session was started. */
  retried: 10,
  sessionBegun: 11,
  sessionConnected: 12,
  sessionGaveUp: 13,
  sessionCancelled: 14,
  /** The server sent a notice. `failure` is its number in the table of notices. */
  noticed: 15,
  /** The last statement of a connection was answered. */
  usable: 16,
  /** An attempt failed, and the same connect goes on at its next host. */
  passedOn: 17,
  /** That attempt at the next host was started. */
  nextHost: 18,
} as const;
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** How a connection ended; `COLUMN.outcome` holds an index into this list. */
export const CONNECTION_OUTCOMES = ['closed', 'queryFailed', 'cut'] as const;

/** Columns of a row. Times are microseconds since T0, or `ABSENT`. */
export const COLUMN = {
  kind: 0,
  step: 1,
  index: 2,
  scheduledUs: 3,
  startUs: 4,
  /** The moment of the event. */
  atUs: 5,
  establishedUs: 6,
  spawnedUs: 7,
  encryptedUs: 8,
  authenticatedUs: 9,
  readyUs: 10,
  /** Index into BOUNDARIES. */
  boundary: 11,
  /** Index into CONNECTION_OUTCOMES. */
  outcome: 12,
  /** The worker's number for this failure or notice; 0: none. */
  failure: 13,
  /** The stamps of the phase `close`. */
  terminatedUs: 14,
  closedUs: 15,
  /** The server's own times: durations in microseconds. */
  serverSetupUs: 16,
  serverForkUs: 17,
  serverAuthUs: 18,
  backendAgeUs: 19,
  /** Index of the attempt's endpoint, where hosts are chosen at each connect; otherwise 0. */
  host: 20,
  /** When the first attempt of the same connect began. */
  connectStartUs: 21,
} as const;
const COLUMNS = 22;

/** Columns of a session's row. */
export const SESSION_COLUMN = {
  kind: COLUMN.kind,
  step: COLUMN.step,
  index: COLUMN.index,
  /** The moment from which the session wants to be connected. */
  wishUs: COLUMN.scheduledUs,
  /** The moment of the event. */
  atUs: COLUMN.atUs,
  /** Attempts so far. */
  attempts: 6,
  /** 1 if the session's client was connected before. */
  isReconnect: 7,
} as const;

/** The fields of a session's row. */
export interface SessionRow {
  readonly step: number;
  readonly index: number;
  readonly wishUs: number;
  readonly attempts: number;
  readonly isReconnect: boolean;
}

const WRITTEN = 0;
const READ = 1;
const CONTROL_WORDS = 2;

/** The fastest worker writes some 50,000 events a second; the coordinator reads ten times a second. */
export const RING_ROWS = 131_072;
/** If the coordinator has not read for this long, it is gone or stuck, and going on would lose events. */
const FULL_TIMEOUT_MS = 30_000;

export function allocateRing(rows = RING_ROWS): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_WORDS * 4 + rows * COLUMNS * 8);
}

class Ring {
  /** Rows written and read so far, modulo 2^32. */
  protected readonly control: Int32Array;
  protected readonly cells: Float64Array;
  protected readonly rows: number;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.cells = new Float64Array(memory, CONTROL_WORDS * 4);
    this.rows = this.cells.length / COLUMNS;
  }
}

/** The worker's end. */
export class EventWriter extends Ring {
  /** Rows written so far, including those that are held back, modulo 2^32. */
  private written = 0;

  /**
   * Makes the kernel provide all the memory now. Otherwise it comes page by page while a storm's first attempts are
   * measured. Call it before anything is written.
   */
  touch(): void {
    this.cells.fill(0);
  }

  /**
   * Writes one event. `held`: as in `writeSession`. Blocks while the ring is full, which shows as lateness. Throws an
   * Error if the reader has not read for 30 s.
   */
  write(
    kind: EventKind,
    attempt: Attempt,
    atUs: number,
    outcome: number = ABSENT,
    failure = 0,
    { held = false }: { held?: boolean } = {},
  ): void {
    const { cells } = this;
    const at = this.findSpace();
    cells[at + COLUMN.kind] = kind;
    cells[at + COLUMN.step] = attempt.step;
    cells[at + COLUMN.index] = attempt.index;
    cells[at + COLUMN.scheduledUs] = attempt.scheduledUs;
    cells[at + COLUMN.startUs] = attempt.startUs;
    cells[at + COLUMN.atUs] = atUs;
    cells[at + COLUMN.establishedUs] = attempt.establishedUs;
    cells[at + COLUMN.spawnedUs] = attempt.spawnedUs;
    cells[at + COLUMN.encryptedUs] = attempt.encryptedUs;
    cells[at + COLUMN.authenticatedUs] = attempt.authenticatedUs;
    cells[at + COLUMN.readyUs] = attempt.readyUs;
    cells[at + COLUMN.boundary] = BOUNDARIES.indexOf(attempt.boundary);
    cells[at + COLUMN.outcome] = outcome;
    cells[at + COLUMN.failure] = failure;
    cells[at + COLUMN.terminatedUs] = attempt.terminatedUs;
    cells[at + COLUMN.closedUs] = attempt.closedUs;
    cells[at + COLUMN.serverSetupUs] = attempt.serverSetupUs;
    cells[at + COLUMN.serverForkUs] = attempt.serverForkUs;
    cells[at + COLUMN.serverAuthUs] = attempt.serverAuthUs;
    cells[at + COLUMN.backendAgeUs] = attempt.backendAgeUs;
    cells[at + COLUMN.host] = attempt.place.host;
    cells[at + COLUMN.connectStartUs] = attempt.connectStartUs;
    if (!held) this.show();
  }

  /**
   * Writes one event of a session, as `write` does. `held`: the reader sees the row only together with the next one, so
   * that a thread that ends in between leaves neither.
   */
  writeSession(
    kind: EventKind,
    session: SessionRow,
    atUs: number,
    { held = false }: { held?: boolean } = {},
  ): void {
    const { cells } = this;
    const at = this.findSpace();
    cells[at + SESSION_COLUMN.kind] = kind;
    cells[at + SESSION_COLUMN.step] = session.step;
    cells[at + SESSION_COLUMN.index] = session.index;
    cells[at + SESSION_COLUMN.wishUs] = session.wishUs;
    cells[at + SESSION_COLUMN.atUs] = atUs;
    cells[at + SESSION_COLUMN.attempts] = session.attempts;
    cells[at + SESSION_COLUMN.isReconnect] = session.isReconnect ? 1 : 0;
    if (!held) this.show();
  }

  /** Shows the rows written so far to the reader. Call it only when the last row is whole. */
  private show(): void {
    Atomics.store(this.control, WRITTEN, this.written);
  }

  /** Returns where the next row goes; fill it before the next `show`. */
  private findSpace(): number {
    const { control, rows, written } = this;
    let read = Atomics.load(control, READ);
    while (((written - read) | 0) >= rows) {
      if (Atomics.wait(control, READ, read, FULL_TIMEOUT_MS) === 'timed-out') {
        throw new Error(`no thread has read this worker's events for ${FULL_TIMEOUT_MS / 1000} s`);
      }
      read = Atomics.load(control, READ);
    }
    this.written = (written + 1) | 0;
    return ((written >>> 0) % rows) * COLUMNS;
  }
}

/** The coordinator's end. */
export class EventReader extends Ring {
  /**
   * Hands over every event written so far. The row's columns are in `cells` at `offset + COLUMN...`, valid only during
   * the call.
   */
  drain(take: (cells: Float64Array, offset: number) => void): void {
    const { cells, control } = this;
    const written = Atomics.load(control, WRITTEN);
    let read = control[READ] as number;
    while (read !== written) {
      take(cells, ((read >>> 0) % this.rows) * COLUMNS);
      read = (read + 1) | 0;
    }
    Atomics.store(control, READ, read);
    Atomics.notify(control, READ);
  }
}
