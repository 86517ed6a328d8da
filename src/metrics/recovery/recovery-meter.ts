import type { RecoveryRecord } from '../../model/recovery.ts';
import { ArrivalSeconds } from './arrival-seconds.ts';
import { ConnectGaps } from './connect-gaps.ts';

/**
 * When the records of a run have the field `recovery`: `always` in a run with events; `onceCut` in a run whose clients
 * reconnect, from the first cut on.
 */
export type RecoveryNeed = 'always' | 'onceCut';

/** How many intervals before the first cut are kept, for what a connect took before it. */
const INTERVALS_BEFORE = 60;

/** Notes good connects and arrivals. How long a disturbance lasted is computed from them. */
export class RecoveryMeter {
  readonly #gaps = new ConnectGaps();
  readonly #seconds = new ArrivalSeconds();
  #isDisturbed: boolean;
  /** What was taken while nothing was disturbed, by interval. */
  #held: RecoveryRecord[] = [];

  constructor(need: RecoveryNeed) {
    this.#isDisturbed = need === 'always';
  }

  noteOk(atUs: number): void {
    this.#gaps.noteOk(atUs);
  }

  /** An arrival came due, and was begun or dropped. */
  noteDue(scheduledUs: number, outcome: 'begun' | 'dropped'): void {
    if (outcome === 'begun') this.#seconds.noteBegun(scheduledUs);
    else this.#seconds.noteDropped(scheduledUs);
  }

  /** A begun arrival has ended. `latencyUs`: undefined if it was not connected. */
  noteEnded(scheduledUs: number, latencyUs?: number): void {
    this.#seconds.noteEnded(scheduledUs, latencyUs);
  }

  /** The server has cut a session's connection. */
  noteCut(): void {
    this.#isDisturbed = true;
  }

  /**
   * Returns what happened before `beforeUs` and was not returned yet; undefined while nothing is disturbed. Call it once
   * everything that happened before was noted.
   */
  take(beforeUs: number): RecoveryRecord | undefined {
    const { gaps, lateUs } = this.#gaps.take(beforeUs);
    const arrivals = this.#seconds.take(beforeUs);
    const taken = {
      gaps,
      ...(lateUs.length === 0 ? {} : { lateUs }),
      ...(arrivals.length === 0 ? {} : { arrivals }),
    };
    if (!this.#isDisturbed) {
      this.#held = [...this.#held, taken].slice(-INTERVALS_BEFORE);
      return undefined;
    }
    const all = [...this.#held, taken].reduce(addRecovery);
    this.#held = [];
    return all;
  }
}

/** Returns both records as one. `b` comes after `a`. */
export function addRecovery(a: RecoveryRecord, b: RecoveryRecord): RecoveryRecord {
  const lateUs = [...(a.lateUs ?? []), ...(b.lateUs ?? [])];
  const arrivals = [...(a.arrivals ?? []), ...(b.arrivals ?? [])];
  return {
    gaps: [...a.gaps, ...b.gaps],
    ...(lateUs.length === 0 ? {} : { lateUs }),
    ...(arrivals.length === 0 ? {} : { arrivals }),
  };
}
