import { StopConditions } from '../../analysis/stop-conditions.ts';
import { Coordinator, type LoadEnd } from '../../load/threads/coordinator.ts';
import type { OwnSessionsRecord } from '../../result/records/end.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import type { EventActs } from '../events/event-acts.ts';
import { Events } from '../events/events.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { createInterrupted } from '../unless-stopped.ts';
import { followSignals, type LegSignals } from './follow-signals.ts';
import { describeEnd, type LegEnd } from './leg-end.ts';
import { describeLoadOptions } from './load-options.ts';
import { listOwnSessions } from './own-sessions.ts';
import type { LegBackground, RunPorts, TargetProbes } from './ports.ts';
import { SearchLoop } from './search-loop.ts';
import { StepGuard } from './step-guard.ts';

export interface LegOutcome {
  end: LegEnd;
  /** Whether the kill switch ended the leg. The server is then left alone. */
  wasKilled: boolean;
}

/** A listener for what a leg emits while it runs. Times count from the leg's own T0. */
export interface LegListener {
  /**
   * Called when T0 is set. `startedAt` is its wall-clock time, `t0Us` its monotonic time, accurate to some
   * microseconds. `warmedUs`: length of the warm-up before it; nothing else of the warm-up is recorded.
   */
  started(startedAt: Date, t0Us: number, warmedUs: number): void;
  /** Called with each record. Returns a reason to end the leg, or undefined. */
  told(record: StreamRecord): string | undefined;
  /** Called with a line for people alone about what may spoil the figures. */
  warned(text: string): void;
}

/** What a leg needs around it. */
export interface LegGround {
  signals: LegSignals;
  listener: LegListener;
  /** Probes of the leg's target; undefined if the variant wants none. */
  probes: TargetProbes | undefined;
  /** Activities beside the load, open already; undefined: there are none. */
  background: LegBackground | undefined;
  /** Index of the host that the probes watch. */
  watchedHost: number;
  /** What the events of the plan can do; undefined: it has none. */
  acts: EventActs | undefined;
  ports: RunPorts;
}

/** How far ahead T0 is for a leg that the kill switch ends before it begins. */
const KILLED_AHEAD_US = 10_000_000;

/**
 * One variant's turn, by the plan of its round. `launch` starts its threads, `start` sets T0, and `end` waits until the
 * last connection is closed. Records come between `start` and the end.
 */
export class Leg {
  readonly #plan: Plan;
  readonly #ground: LegGround;
  readonly #coordinator: Coordinator;
  readonly #conditions: StopConditions;
  readonly #generator: ReturnType<RunPorts['watchGenerator']>;
  /** The search; undefined if everything is planned beforehand. */
  readonly #search: SearchLoop | undefined;
  readonly #guard: StepGuard;
  /** undefined: the plan has no events. */
  readonly #events: Events | undefined;
  /** T0 of the leg on the monotonic clock. */
  #t0Us = 0;
  #wasKilled = false;
  #ignoreSignals = (): void => {};

  private constructor(plan: Plan, coordinator: Coordinator, ground: LegGround) {
    this.#plan = plan;
    this.#ground = ground;
    this.#coordinator = coordinator;
    this.#conditions = new StopConditions(plan.stop);
    this.#search =
      plan.search === undefined
        ? undefined
        : new SearchLoop(plan.search, (record) => this.#emit(record));
    this.#guard = new StepGuard({
      coordinator,
      decide: (decision, reason) => this.#decide(decision, reason),
      kill: (reason) => this.#kill(reason),
      goOn: () => this.#search?.goOn(coordinator),
      time: ground.ports.load.time,
    });
    this.#events = ground.acts === undefined ? undefined : this.#planEvents(ground.acts);
    // Begins here, so that the CPU time of starting and warming up the threads is not counted for connects.
    this.#generator = ground.ports.watchGenerator(coordinator.crew);
  }

  /** Starts the threads. Throws if one cannot be started, or if the run was stopped meanwhile. */
  static async launch(prepared: Prepared, plan: Plan, ground: LegGround): Promise<Leg> {
    const { signals, probes, ports } = ground;
    const coordinator = await Coordinator.launch(describeLoadOptions(prepared, plan, ports));
    await probes?.mark();
    if (signals.stop.aborted) {
      coordinator.cancel();
      await coordinator.finished;
      throw createInterrupted();
    }
    return new Leg(plan, coordinator, ground);
  }

  /** Starts the load. `warmedUs`: length of the warm-up before it, in microseconds. */
  start(warmedUs: number): void {
    const { signals, listener, probes, background, ports } = this.#ground;
    const loadListener = {
      onInterval: (record: IntervalRecord) => this.#addInterval(record),
      onDrained: () => this.#guard.drained(),
    };
    // The kill switch ends the leg once the probes have a listener. Until then no arrival may begin, however slow that is.
    const isKilled = probes?.alarm.aborted === true;
    const startedAt = this.#coordinator.start(loadListener, isKilled ? KILLED_AHEAD_US : undefined);
    const t0Us = ports.load.time.readMonotonicUs() - this.#coordinator.nowUs;
    this.#t0Us = t0Us;
    listener.started(startedAt, t0Us, warmedUs);
    this.#ignoreSignals = followSignals(this.#coordinator, signals);
    background?.begin({
      t0Us,
      told: (record) => this.#emit(record),
      broke: (reason) => void this.#coordinator.stop('error', reason),
    });
    probes?.listen({
      t0Us,
      told: (record) => this.#emit(record),
      seen: (seen) => this.#emit({ type: 'watch', atUs: this.#nowUs, ...seen }),
      alarmed: (reason) => this.#kill(reason),
      slowed: (reason) => this.#guard.slowed(reason),
      cameBack: () => this.#guard.cameBack(),
    });
    this.#events?.start();
  }

  /** Resolves with how the leg ended, once its last connection is closed. */
  async end(): Promise<LegOutcome> {
    const { signals, probes, background } = this.#ground;
    try {
      const loadEnd = await this.#coordinator.finished;
      const end = addFailure(loadEnd, await this.#events?.finish(), signals);
      await background?.stop({ atOnce: this.#wasKilled || signals.cancel.aborted });
      // A server that refuses others is left alone. A cancelled run ends without waiting.
      const isLeftAlone = this.#wasKilled || signals.cancel.aborted || signals.broken.aborted;
      if (!isLeftAlone) await probes?.lookOnce();
      await probes?.stop();
      return {
        end: describeEnd(end, this.#plan.connection.scramCache, this.#listOwnSessions()),
        wasKilled: this.#wasKilled,
      };
    } finally {
      this.#generator.stop();
      this.#guard.stop();
      this.#ignoreSignals();
    }
  }

  /** Returns connstorm's own sessions of the leg, once its probes were stopped. */
  #listOwnSessions(): OwnSessionsRecord[] {
    const { probes, acts, watchedHost } = this.#ground;
    return listOwnSessions({ host: watchedHost, counts: probes?.sessions }, acts?.sessions ?? []);
  }

  #planEvents(acts: EventActs): Events {
    const { signals, probes, ports } = this.#ground;
    const coordinator = this.#coordinator;
    return new Events({
      plan: this.#plan.events,
      acts,
      time: ports.load.time,
      now: () => coordinator.nowUs,
      isStopped: () => coordinator.isStopped,
      listBackends: () => coordinator.listBackends(),
      allow: async (untilUs) => probes?.allow(this.#t0Us + untilUs),
      emit: (record) => this.#emit(record),
      failed: (reason) => {
        coordinator.stop('event', reason);
        this.#decide('stop', reason);
      },
      cancel: AbortSignal.any([signals.cancel, signals.broken]),
    });
  }

  #addInterval(record: IntervalRecord): void {
    this.#emit(record);
    this.#emit(this.#generator.sample(this.#coordinator.nowUs));
    const reason = this.#conditions.judge(record);
    if (reason === undefined) return;
    if (this.#coordinator.stop('condition', reason)) this.#decide('stop', reason);
  }

  #kill(reason: string): void {
    // Acts at once, because refused clients need the slots now.
    if (!this.#coordinator.kill(reason)) return;
    this.#wasKilled = true;
    this.#decide('kill', reason);
  }

  #decide(decision: string, reason: string): void {
    this.#emit({ type: 'decision', atUs: this.#nowUs, decision, reason });
  }

  #emit(record: StreamRecord): void {
    this.#search?.add(record);
    const stopReason = this.#ground.listener.told(record);
    if (stopReason !== undefined) this.#coordinator.stop('signal', stopReason);
  }

  /** Returns the time since T0. T0 lies a little ahead of the start, so negative times become 0. */
  get #nowUs(): number {
    return Math.max(0, this.#coordinator.nowUs);
  }
}

/**
 * Returns the end of a load, which the failure of an event has ended if nothing else did. If the run was interrupted,
 * or the lab has ended by itself, that is the end, and not the failure that followed from it.
 */
function addFailure(
  end: LoadEnd,
  failure: string | undefined,
  { stop, broken }: LegSignals,
): LoadEnd {
  if (failure === undefined || end.stoppedBy !== 'end') return end;
  if (broken.aborted) return { ...end, stoppedBy: 'error', reason: String(broken.reason) };
  if (stop.aborted) return { ...end, stoppedBy: 'signal', reason: 'interrupted' };
  return { ...end, stoppedBy: 'event', reason: failure };
}
