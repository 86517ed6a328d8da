import type { Clock } from '../clock.ts';
import { readFreeBytes, readTakenBytes } from '../probes/proc/free-memory.ts';
import type { OpeningRecord } from '../result/records/background.ts';
import { ActTally } from './act-tally.ts';
import type { Activity } from './activity.ts';
import { ActivityRunner } from './activity-runner.ts';
import type { BackgroundTimers } from './background-timers.ts';
import type { createActivity } from './create-activity.ts';
import type {
  ActivityOrder,
  BackgroundInput,
  BackgroundMessage,
  BackgroundOrder,
} from './messages.ts';

const TELL_EVERY_MS = 1000;
/** How long acts under way may take to end, once the load has. */
const LAST_ACTS_MS = 1000;
/** How long the server may take to end the backends of connections, once they are closed. */
const LEAVE_MS = 10_000;
const LOOK_MS = 10;

export interface BackgroundHost {
  /** Microseconds of a monotonic clock that other threads have, too. */
  readMonotonicUs: Clock;
  timers: BackgroundTimers;
  createActivity: typeof createActivity;
  post(message: BackgroundMessage): void;
  /** Called when nothing is left to do. */
  end(): void;
}

interface Member {
  order: ActivityOrder;
  activity: Activity;
  tally: ActTally;
  runner?: ActivityRunner;
}

/**
 * All activities of a leg, on one thread. Opens them one after another, begins them at T0, posts their records every
 * second, and closes them.
 */
export class BackgroundLoop {
  readonly #input: BackgroundInput;
  readonly #host: BackgroundHost;
  readonly #members: readonly Member[];
  #opened: readonly (OpeningRecord | undefined)[] = [];
  #cancelTelling = (): void => {};
  #isStopped = false;

  constructor(input: BackgroundInput, host: BackgroundHost) {
    this.#input = input;
    this.#host = host;
    this.#members = input.activities.map((order) => this.#createMember(order));
  }

  /** Opens the activities. `opened` or `refused` is posted. */
  async open(): Promise<void> {
    const opened: (OpeningRecord | undefined)[] = [];
    for (const { order, activity } of this.#members) {
      const { plan, reduced } = order;
      try {
        const opening = await activity.open();
        opened.push(opening && addReduced(opening, reduced));
      } catch (error) {
        if (this.#isStopped) return;
        const reason = `background.${plan.name} (${plan.activity}): ${(error as Error).message}`;
        this.#host.post({ type: 'refused', reason });
        return;
      }
    }
    this.#opened = opened;
    if (!this.#isStopped) this.#host.post({ type: 'opened' });
  }

  take(order: BackgroundOrder): void {
    if (order.type === 'begin') this.#begin(order.t0Us);
    else this.#stop(order.atOnce);
  }

  #createMember(order: ActivityOrder): Member {
    const { endpoint, isEncrypted, timeoutUs, isReadOnly, mostOpeningUs, seesHost, activities } =
      this.#input;
    const tally = new ActTally();
    const activity = this.#host.createActivity(order.plan, {
      endpoint,
      isEncrypted,
      timeoutUs,
      isReadOnly,
      now: this.#host.readMonotonicUs,
      note: (ledger, failure) => tally.addFailure(ledger, failure),
      // Held connections share the time for opening, whatever their order is.
      mostOpeningUs: mostOpeningUs / countHeld(activities),
      readFreeBytes: seesHost ? readFreeBytes : () => undefined,
      readTakenBytes: seesHost ? readTakenBytes : () => undefined,
    });
    return { order, activity, tally };
  }

  #begin(t0Us: number): void {
    const { readMonotonicUs, timers } = this.#host;
    const { untilUs } = this.#input;
    for (const [index, member] of this.#members.entries()) {
      const { order, activity, tally } = member;
      member.runner = new ActivityRunner({
        plan: order.plan,
        activity,
        tally,
        now: () => readMonotonicUs() - t0Us,
        timers,
        untilUs: untilUs ?? Number.POSITIVE_INFINITY,
        opening: this.#opened[index],
      });
      member.runner.begin();
    }
    this.#tellLater((t0Us - readMonotonicUs()) / 1000);
  }

  #tellLater(ms: number): void {
    this.#cancelTelling = this.#host.timers.after(ms, () => {
      this.#tell();
      this.#tellLater(TELL_EVERY_MS);
    });
  }

  #tell(): void {
    for (const { runner } of this.#members) {
      if (runner !== undefined) this.#host.post({ type: 'told', record: runner.take() });
    }
  }

  #stop(atOnce: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const { runner } of this.#members) runner?.stopActing();
    if (atOnce) this.#close(true);
    else this.#closeWhenIdle(LAST_ACTS_MS);
  }

  #closeWhenIdle(leftMs: number): void {
    const isIdle = this.#members.every(({ runner }) => (runner?.inFlight ?? 0) === 0);
    if (isIdle || leftMs <= 0) this.#close(false);
    else this.#host.timers.after(LOOK_MS, () => this.#closeWhenIdle(leftMs - LOOK_MS));
  }

  #close(atOnce: boolean): void {
    this.#cancelTelling();
    // The last records say what was open, so they come before the closing.
    const kept = this.#members.map(({ activity }) => activity.kept?.take());
    for (const { activity } of this.#members) activity.close(atOnce);
    for (const [index, { runner }] of this.#members.entries()) {
      if (runner === undefined) continue;
      const counts = kept[index];
      const record = runner.take();
      this.#host.post({
        type: 'told',
        record: counts === undefined ? record : { ...record, kept: counts },
      });
    }
    this.#endWhenGone(atOnce ? 0 : LEAVE_MS);
  }

  #endWhenGone(leftMs: number): void {
    const isGone = this.#members.every(({ activity }) => (activity.countLeaving?.() ?? 0) === 0);
    if (!isGone && leftMs > 0) {
      this.#host.timers.after(LOOK_MS, () => this.#endWhenGone(leftMs - LOOK_MS));
      return;
    }
    for (const { activity } of this.#members) activity.close(true);
    this.#host.end();
  }
}

function countHeld(activities: readonly ActivityOrder[]): number {
  return Math.max(1, activities.filter(({ plan }) => plan.activity === 'held').length);
}

function addReduced(opening: OpeningRecord, reduced: ActivityOrder['reduced']): OpeningRecord {
  if (reduced === undefined) return opening;
  return { ...opening, asked: reduced.asked, leftOut: opening.leftOut ?? reduced.reason };
}
