import type { Clock } from '../clock.ts';
import type { BackgroundRecord, OpeningRecord } from '../result/records/background.ts';
import type { ActivityPlan } from '../scenario/plan/beside/background.ts';
import type { ActTally } from './act-tally.ts';
import type { Activity, ActOutcome } from './activity.ts';
import type { BackgroundTimers } from './background-timers.ts';
import { EvenPace } from './even-pace.ts';

/** How often clients that found no free connection look for one again. */
const LOOK_AGAIN_MS = 50;

export interface RunnerOptions {
  plan: Pick<ActivityPlan, 'name' | 'activity'>;
  activity: Activity;
  tally: ActTally;
  /** Microseconds since T0. */
  now: Clock;
  timers: BackgroundTimers;
  /** No act is due from this moment on, in microseconds since T0. */
  untilUs: number;
  /** What was opened before the load. */
  opening: OpeningRecord | undefined;
}

/** Runs one activity at its pace, and counts what it does. */
export class ActivityRunner {
  readonly #options: RunnerOptions;
  readonly #pace: EvenPace | undefined;
  #opening: OpeningRecord | undefined;
  #toldUs = 0;
  #isOver = false;
  /** Until when acts were due; Infinity while they are. */
  #actedUntilUs: number;
  #cancelTimer = (): void => {};

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#opening = options.opening;
    this.#actedUntilUs = options.untilUs;
    const { pace } = options.activity;
    if (pace.kind === 'rate') this.#pace = new EvenPace(pace.ratePerSecond, options.untilUs);
  }

  /** Begins to act. Call it once, at T0 or shortly before. */
  begin(): void {
    const { activity } = this.#options;
    activity.begin?.();
    if (this.#pace !== undefined) this.#waitForNext();
    else if (activity.pace.kind === 'clients') this.#wait(-this.#options.now() / 1000);
  }

  /** No further act begins; acts under way go on. May be called twice. */
  stopActing(): void {
    this.#isOver = true;
    this.#actedUntilUs = Math.min(this.#actedUntilUs, this.#options.now());
    this.#cancelTimer();
  }

  get inFlight(): number {
    return this.#options.tally.inFlight;
  }

  /** Returns what was done since the last call. */
  take(): BackgroundRecord {
    const { plan, activity, tally, now } = this.#options;
    const fromUs = this.#toldUs;
    const toUs = Math.max(fromUs, now());
    this.#toldUs = toUs;
    const opening = this.#opening;
    this.#opening = undefined;
    const { name, activity: kind } = plan;
    return {
      type: 'background',
      name,
      activity: kind,
      fromUs,
      toUs,
      actingUs: Math.max(0, Math.min(toUs, this.#actedUntilUs) - fromUs),
      ...tally.take(),
      ...(activity.kept === undefined ? {} : { kept: activity.kept.take() }),
      ...(opening === undefined ? {} : { opening }),
    };
  }

  #wait(ms: number): void {
    this.#cancelTimer();
    if (!this.#isOver)
      this.#cancelTimer = this.#options.timers.after(Math.max(0, ms), () => this.#go());
  }

  #waitForNext(): void {
    const nextUs = this.#pace?.nextUs;
    if (nextUs !== undefined) this.#wait((nextUs - this.#options.now()) / 1000);
  }

  #go(): void {
    const { pace } = this.#options.activity;
    if (pace.kind === 'rate') this.#actWhatIsDue(pace.atOnce);
    else if (pace.kind === 'clients') this.#occupy(pace.clients);
  }

  #actWhatIsDue(atOnce: number): void {
    const { tally, now } = this.#options;
    const pace = this.#pace;
    for (let dueUs = pace?.take(now()); dueUs !== undefined; dueUs = pace?.take(now())) {
      if (tally.inFlight >= atOnce) tally.skipped();
      else this.#act(dueUs);
    }
    this.#waitForNext();
  }

  /** Begins acts until all clients are busy. A client without a connection looks again soon. */
  #occupy(clients: number): void {
    const { tally, now, untilUs, activity } = this.#options;
    const free = activity.countFree?.() ?? clients;
    const idle = Math.min(free, clients - tally.inFlight);
    for (let begun = 0; begun < idle && now() < untilUs; begun++) this.#act(now());
    if (now() < untilUs) this.#wait(LOOK_AGAIN_MS);
  }

  #act(dueUs: number): void {
    const { activity, tally, now } = this.#options;
    tally.begun();
    activity.act((outcome: ActOutcome) => {
      tally.ended(outcome, now() - dueUs);
      if (activity.pace.kind === 'clients') this.#wait(0);
    });
  }
}
