import type { EndedSession } from '../../metrics/ended-session.ts';
import type { Recorder } from '../../metrics/recorder.ts';
import { EVENT, SESSION_COLUMN } from './event-ring.ts';

/** Reads one worker's sessions into the recorder, and keeps those that have not ended. */
export class SessionJournal {
  readonly #recorder: Recorder;
  /** Keyed by step, index and wish, because a client has one session at a time. */
  readonly #open = new Map<string, EndedSession>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Records an event of a session. */
  record(cells: Float64Array, offset: number): void {
    const at = (column: number): number => cells[offset + column] as number;
    const session = {
      step: at(SESSION_COLUMN.step),
      wishUs: at(SESSION_COLUMN.wishUs),
      atUs: at(SESSION_COLUMN.atUs),
      attempts: at(SESSION_COLUMN.attempts),
      isReconnect: at(SESSION_COLUMN.isReconnect) === 1,
    };
    const key = `${session.step} ${at(SESSION_COLUMN.index)} ${session.wishUs}`;
    const outcome = OUTCOMES[at(SESSION_COLUMN.kind)];
    if (outcome === undefined) {
      this.#open.set(key, session);
      this.#recorder.recordSessionBegun(session);
    } else {
      this.#open.delete(key);
      this.#recorder.recordSessionEnded(session, outcome);
    }
  }

  /** Records the sessions that have not ended as lost. Call it when the worker is gone. */
  recordLost(atUs: number): void {
    for (const session of this.#open.values()) {
      this.#recorder.recordSessionEnded({ ...session, atUs }, 'lost');
    }
    this.#open.clear();
  }
}

const OUTCOMES: Record<number, 'connected' | 'gaveUp' | 'cancelled'> = {
  [EVENT.sessionConnected]: 'connected',
  [EVENT.sessionGaveUp]: 'gaveUp',
  [EVENT.sessionCancelled]: 'cancelled',
};
