import { ABSENT } from '../../drivers/driver.ts';
import type { OkAttempt } from '../../metrics/ok-attempt.ts';
import type { Recorder } from '../../metrics/recorder.ts';
import { Histogram } from '../../model/histogram.ts';
import { BOUNDARIES } from '../../model/measures.ts';
import { COLUMN, CONNECTION_OUTCOMES, EVENT, EventReader } from './event-ring.ts';
import { FailureReader } from './failure-table.ts';
import { SessionJournal } from './session-journal.ts';

/** Lateness of the arrivals that a worker began or dropped, in microseconds; null without any. */
export interface LatenessSince {
  arrivals: number;
  p99Us: number | null;
  maxUs: number | null;
}

/** Reads one worker's events into the recorder, and keeps count of what the worker has under way. */
export class Journal {
  readonly #events: EventReader;
  readonly #failures: FailureReader;
  /** undefined: no notices are recorded. */
  readonly #notices: FailureReader | undefined;
  readonly #recorder: Recorder;
  readonly #sessions: SessionJournal;
  /** Attempts that have begun and not ended, by host and step. */
  readonly #attempts: number[][] = [];
  /** Connections that have begun and not ended, by step. */
  readonly #connections: number[];
  #lateness = new Histogram();
  /** Reused for every ok attempt, because the recorder keeps no reference to it. */
  readonly #ok: OkAttempt = {
    step: 0,
    index: 0,
    scheduledUs: 0,
    startUs: 0,
    atUs: 0,
    host: 0,
    connectStartUs: 0,
    boundary: 'absent',
    tcpUs: 0,
    spawnUs: 0,
    tlsUs: 0,
    authUs: 0,
    readyUs: 0,
    serverSetupUs: 0,
    serverForkUs: 0,
    serverAuthUs: 0,
  };

  constructor(
    memory: {
      events: SharedArrayBuffer;
      failures: SharedArrayBuffer;
      notices?: SharedArrayBuffer;
    },
    stepCount: number,
    recorder: Recorder,
  ) {
    this.#events = new EventReader(memory.events);
    this.#failures = new FailureReader(memory.failures);
    this.#notices = memory.notices && new FailureReader(memory.notices);
    this.#recorder = recorder;
    this.#sessions = new SessionJournal(recorder);
    this.#connections = new Array(stepCount).fill(0);
  }

  /** Records everything that was written since the last call. */
  read(): void {
    this.#events.drain((cells, offset) => this.#record(cells, offset));
  }

  /** Returns the lateness of the arrivals since the last call. */
  takeLateness(): LatenessSince {
    const lateness = this.#lateness;
    this.#lateness = new Histogram();
    const { count, maxUs } = lateness;
    return { arrivals: count, p99Us: lateness.quantile(0.99), maxUs: count > 0 ? maxUs : null };
  }

  /** Records what the worker had under way as lost. Call it when the worker is gone. */
  recordLost(atUs: number): void {
    this.read();
    for (const [host, steps] of this.#attempts.entries()) {
      for (const [step, count] of steps?.entries() ?? []) {
        const gone = { step, index: ABSENT, scheduledUs: atUs, startUs: atUs, atUs, host };
        for (let i = 0; i < (count ?? 0); i++) this.#recorder.recordEnded(gone, 'lost');
      }
    }
    for (const [step, count] of this.#connections.entries()) {
      for (let i = 0; i < count; i++) this.#recorder.recordConnectionEnd(step, atUs, 'lost');
    }
    this.#sessions.recordLost(atUs);
    this.#attempts.length = 0;
    this.#connections.fill(0);
  }

  #record(cells: Float64Array, offset: number): void {
    const at = (column: number): number => cells[offset + column] as number;
    const step = at(COLUMN.step);
    const atUs = at(COLUMN.atUs);
    const scheduledUs = at(COLUMN.scheduledUs);
    const host = at(COLUMN.host);
    switch (at(COLUMN.kind)) {
      case EVENT.dropped:
        this.#lateness.record(atUs - scheduledUs);
        this.#recorder.recordDropped(step, atUs, atUs - scheduledUs);
        break;
      case EVENT.begun:
        this.#addAttempts(host, step, 1);
        if (this.#recorder.isScheduled(step)) this.#lateness.record(atUs - scheduledUs);
        this.#recorder.recordBegun(step, atUs, atUs - scheduledUs, host);
        break;
      case EVENT.retried:
        this.#addAttempts(host, step, 1);
        this.#recorder.recordRetried(step, atUs, atUs - scheduledUs, host);
        break;
      case EVENT.nextHost:
        this.#addAttempts(host, step, 1);
        this.#recorder.recordNextHost(step, atUs, host);
        break;
      case EVENT.sessionBegun:
      case EVENT.sessionConnected:
      case EVENT.sessionGaveUp:
      case EVENT.sessionCancelled:
        this.#sessions.record(cells, offset);
        break;
      case EVENT.ok:
        this.#addAttempts(host, step, -1);
        add(this.#connections, step, 1);
        this.#recorder.recordOk(this.#readOk(cells, offset));
        break;
      case EVENT.failed:
      case EVENT.passedOn:
      case EVENT.abandoned:
      case EVENT.cancelled:
        this.#addAttempts(host, step, -1);
        this.#recordEnded(cells, offset);
        break;
      case EVENT.firstQuery:
        this.#recorder.recordFirstQuery(step, atUs, {
          scheduledUs: atUs - scheduledUs,
          startUs: atUs - at(COLUMN.startUs),
          readyUs: atUs - at(COLUMN.readyUs),
        });
        break;
      case EVENT.usable:
        this.#recorder.recordUsable(step, atUs, {
          scheduledUs: atUs - scheduledUs,
          startUs: atUs - at(COLUMN.startUs),
        });
        break;
      case EVENT.backendAge:
        this.#recorder.recordBackendAge(step, atUs, {
          elapsedUs: atUs - at(COLUMN.startUs),
          tcpUs: at(COLUMN.establishedUs) - at(COLUMN.startUs),
          serverUs: at(COLUMN.backendAgeUs),
        });
        break;
      case EVENT.noticed:
        this.#recordNotice(atUs, at(COLUMN.failure));
        break;
      case EVENT.connectionEnded:
        add(this.#connections, step, -1);
        this.#recorder.recordConnectionEnd(
          step,
          atUs,
          CONNECTION_OUTCOMES[at(COLUMN.outcome)] ?? 'closed',
          this.#failureOf(at(COLUMN.failure)),
        );
        this.#recordClose(cells, offset);
        break;
    }
  }

  #addAttempts(host: number, step: number, by: number): void {
    const steps = this.#attempts[host] ?? [];
    this.#attempts[host] = steps;
    add(steps, step, by);
  }

  /** Records the phase `close`, if the connection waited for the server's FIN. */
  #recordClose(cells: Float64Array, offset: number): void {
    const terminatedUs = cells[offset + COLUMN.terminatedUs] as number;
    if (terminatedUs === ABSENT) return;
    const step = cells[offset + COLUMN.step] as number;
    const atUs = cells[offset + COLUMN.atUs] as number;
    const closedUs = cells[offset + COLUMN.closedUs] as number;
    const isSeen = closedUs !== ABSENT;
    this.#recorder.recordClose(step, atUs, (isSeen ? closedUs : atUs) - terminatedUs, isSeen);
  }

  #recordEnded(cells: Float64Array, offset: number): void {
    const at = (column: number): number => cells[offset + column] as number;
    const attempt = {
      step: at(COLUMN.step),
      index: at(COLUMN.index),
      scheduledUs: at(COLUMN.scheduledUs),
      startUs: at(COLUMN.startUs),
      atUs: at(COLUMN.atUs),
      host: at(COLUMN.host),
      connectStartUs: at(COLUMN.connectStartUs),
    };
    const kind = at(COLUMN.kind);
    const outcome = OUTCOMES[kind] ?? 'failed';
    const failure = this.#failureOf(at(COLUMN.failure));
    this.#recorder.recordEnded(attempt, outcome, failure, kind === EVENT.passedOn);
  }

  #recordNotice(atUs: number, id: number): void {
    const notice = this.#notices?.get(id);
    if (notice !== undefined) this.#recorder.recordNotice(atUs, notice);
  }

  #failureOf(id: number): ReturnType<FailureReader['get']> | undefined {
    return id === 0 ? undefined : this.#failures.get(id);
  }

  /**
   * Reads an ok attempt. Its phases are the differences of neighbouring stamps, so they add up to the service time
   * exactly.
   */
  #readOk(cells: Float64Array, offset: number): OkAttempt {
    const ok = this.#ok;
    ok.step = cells[offset + COLUMN.step] as number;
    ok.index = cells[offset + COLUMN.index] as number;
    ok.scheduledUs = cells[offset + COLUMN.scheduledUs] as number;
    ok.startUs = cells[offset + COLUMN.startUs] as number;
    ok.atUs = cells[offset + COLUMN.atUs] as number;
    ok.host = cells[offset + COLUMN.host] as number;
    ok.connectStartUs = cells[offset + COLUMN.connectStartUs] as number;
    ok.boundary = BOUNDARIES[cells[offset + COLUMN.boundary] as number] ?? 'absent';
    let sinceUs = ok.startUs;
    const phase = (column: number): number => {
      const untilUs = cells[offset + column] as number;
      if (untilUs === ABSENT) return ABSENT;
      const us = untilUs - sinceUs;
      sinceUs = untilUs;
      return us;
    };
    ok.tcpUs = phase(COLUMN.establishedUs);
    ok.spawnUs = phase(COLUMN.spawnedUs);
    ok.tlsUs = phase(COLUMN.encryptedUs);
    ok.authUs = phase(COLUMN.authenticatedUs);
    ok.readyUs = phase(COLUMN.readyUs);
    ok.serverSetupUs = cells[offset + COLUMN.serverSetupUs] as number;
    ok.serverForkUs = cells[offset + COLUMN.serverForkUs] as number;
    ok.serverAuthUs = cells[offset + COLUMN.serverAuthUs] as number;
    return ok;
  }
}

const OUTCOMES: Record<number, 'failed' | 'abandoned' | 'cancelled'> = {
  [EVENT.failed]: 'failed',
  [EVENT.abandoned]: 'abandoned',
  [EVENT.cancelled]: 'cancelled',
};

function add(counts: number[], step: number, by: number): void {
  counts[step] = (counts[step] ?? 0) + by;
}
