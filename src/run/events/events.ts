import { formatSpan } from '../../duration-text.ts';
import type { Timekeeper } from '../../load/threads/ports.ts';
import type { EventRecord } from '../../result/records/events.ts';
import { describeEvent } from '../../scenario/events/describe-event.ts';
import { type EventPlan, needsMachine } from '../../scenario/events/plan-events.ts';
import { type Performed, type PerformGround, perform } from './perform.ts';

export interface EventsOptions extends Omit<PerformGround, 'cancel'> {
  plan: readonly EventPlan[];
  time: Timekeeper;
  /** Returns whether something has ended the load early. No event begins then. */
  isStopped(): boolean;
  /** Suspends the kill switch until this time since T0. Resolves when the kill switch has confirmed it. */
  allow(untilUs: number): Promise<void>;
  emit(record: EventRecord): void;
  /** Called once, when the first event has failed. */
  failed(reason: string): void;
  /** Aborted if the run is cancelled or its lab has ended. Events that still go on are then given up. */
  cancel: AbortSignal;
}

/**
 * The events of one leg. Each begins at its moment. An event that needs the machine of the server waits until the last
 * such event has ended; the others run beside each other. Every event that begins has an end in the records.
 */
export class Events {
  readonly #options: EventsOptions;
  readonly #running = new Set<Promise<void>>();
  #timers: (() => void)[] = [];
  /** The last event on the server itself. */
  #onServer: Promise<void> = Promise.resolve();
  #isServerStopped = false;
  #isOver = false;
  #failure: string | undefined;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  /** Call it when T0 is set. */
  start(): void {
    const { plan, time, now } = this.#options;
    const nowUs = now();
    this.#timers = plan.map((event) =>
      time.after(Math.max(0, event.atUs - nowUs) / 1000, () => this.#due(event)),
    );
  }

  /**
   * Waits for the events that have begun; no other begins. Starts the lab's server again if an event has left it
   * stopped. Resolves with the failure of the first event that failed, or of that start; undefined if none did.
   */
  async finish(): Promise<string | undefined> {
    this.#isOver = true;
    for (const forget of this.#timers) forget();
    while (this.#running.size > 0) await Promise.all(this.#running);
    const isLeftStopped = this.#isServerStopped && this.#failure === undefined;
    if (isLeftStopped && !this.#options.cancel.aborted) await this.#startAgain();
    return this.#failure;
  }

  async #startAgain(): Promise<void> {
    try {
      await this.#options.acts.lab?.control.start();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#failure = `the server that an event had stopped could not be started again after the load: ${why}`;
    }
  }

  #due(event: EventPlan): void {
    const isOnServer = needsMachine(event.action.kind);
    const running = isOnServer ? this.#onServer.then(() => this.#run(event)) : this.#run(event);
    if (isOnServer) this.#onServer = running;
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #run(event: EventPlan): Promise<void> {
    const { now, isStopped, allow, emit } = this.#options;
    if (this.#isOver || isStopped()) return;
    await allow(now() + event.allowUs);
    const fromUs = Math.max(0, now());
    const { index, action, allowUs } = event;
    const begun: EventRecord = {
      type: 'event',
      index,
      kind: action.kind,
      state: 'begun',
      fromUs,
      allowUntilUs: fromUs + allowUs,
    };
    emit(begun);
    const { reason, ...done } = await this.#perform(event);
    const state = reason === undefined ? 'done' : 'failed';
    emit({ ...begun, state, toUs: now(), ...done, ...(reason === undefined ? {} : { reason }) });
    if (reason !== undefined) this.#fail(event, reason);
    else if (action.kind === 'stop') this.#isServerStopped = true;
    else if (action.kind === 'start') this.#isServerStopped = false;
    // The former primary stays away.
    else if (action.kind === 'promote' && action.lostPrimary) this.#isServerStopped = false;
  }

  #fail({ index, action }: EventPlan, why: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = `events[${index}] (${describeEvent(action)}) failed: ${why}`;
    this.#options.failed(this.#failure);
  }

  /** Never rejects. */
  async #perform({ action, allowUs }: EventPlan): Promise<Performed> {
    const { time, cancel } = this.#options;
    const over = new AbortController();
    const giveUp = AbortSignal.any([over.signal, cancel]);
    let forget = (): void => {};
    const late = new Promise<Performed>((resolve) => {
      // exec has a timeout of its own.
      if (action.kind === 'exec') return;
      const reason = `it had not ended when its allow of ${formatSpan(allowUs)} was over`;
      forget = time.after(allowUs / 1000, () => resolve({ reason }));
    });
    try {
      const doing = perform(action, { ...this.#options, cancel: giveUp });
      // A command that is cancelled is waited for: it must not outlive the run.
      const others = action.kind === 'exec' ? [] : [late, whenAborted(cancel)];
      return await Promise.race([doing, ...others]);
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) };
    } finally {
      forget();
      over.abort(new Error('the event was given up'));
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<Performed> {
  const reason = 'the run ended before the event did';
  if (signal.aborted) return Promise.resolve({ reason });
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ reason }), { once: true });
  });
}
