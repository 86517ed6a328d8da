import type { Clock } from '../../clock.ts';
import type { ScramFigures } from '../../drivers/login/scram-costs.ts';
import { Recorder } from '../../metrics/recorder.ts';
import type { EndRecord, StoppedBy } from '../../result/records/end.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { BlockPlan, Step } from '../../scenario/plan/plan.ts';
import { tuneV8 } from '../../v8-flags.ts';
import { Crew, type CrewOrders } from './crew.ts';
import type { CrewMember } from './crew-member.ts';
import { Patience } from './patience.ts';
import { planRecorder } from './plan-recorder.ts';
import { type LoadPorts, REAL_LOAD } from './ports.ts';

export interface LoadOptions extends CrewOrders {
  /** Absent: worker threads, and the time of this machine. */
  ports?: LoadPorts;
}

/** A listener for the load. Nothing happens before the start. */
export interface LoadListener {
  onInterval: (record: IntervalRecord) => void;
  /**
   * Called in a search if nothing is in flight: at the start, and after each appended block. It must call `append` or
   * `finish`, now or later.
   */
  onDrained?: () => void;
}

/** The part of the `end` record that the load knows. */
export type LoadEnd = Omit<EndRecord, 'type' | 'scram'> & { scram: ScramFigures };

/** How far ahead T0 is set, so that every worker has its message by then. */
const START_MARGIN_US = 50_000;
/** How far ahead a stop is set, so that it is the same moment for every worker. */
const STOP_MARGIN_US = 20_000;
const READ_EVERY_MS = 100;
/** How long after its end an interval is closed. The events of its last moments have been read by then. */
const CLOSE_MARGIN_US = 250_000;

/** The threads of one run. Gives each its share, reads the events that they write, and ends them together. */
export class Coordinator {
  readonly #options: LoadOptions;
  readonly #ports: LoadPorts;
  readonly #recorder: Recorder;
  readonly #crew: Crew;
  readonly #patience: Patience;
  #listener: LoadListener = { onInterval: () => {} };
  #now: Clock = () => 0;
  #stopReading = (): void => {};
  #over = false;
  /** Whether blocks may still be appended. */
  #isOpenEnded: boolean;
  #stopped: { by: StoppedBy; reason?: string; atUs?: number } = { by: 'end' };
  #finish: (end: LoadEnd) => void = () => {};
  #break: (error: unknown) => void = () => {};
  /** Resolves when every worker has ended, in any way. Rejects if their events cannot be recorded. */
  readonly finished: Promise<LoadEnd>;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#ports = options.ports ?? REAL_LOAD;
    this.#isOpenEnded = options.plan.search !== undefined;
    this.#recorder = new Recorder(planRecorder(options.plan, options.hostTurns !== undefined));
    this.#crew = new Crew(options, this.#recorder, this.#ports, () => this.#closeIfIdle());
    this.#patience = new Patience(this.#ports.time);
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#break = reject;
    });
  }

  /** Starts the threads and waits until all are ready. Throws if one cannot be started. */
  static async launch(options: LoadOptions): Promise<Coordinator> {
    tuneV8();
    const coordinator = new Coordinator(options);
    await coordinator.#crew.beReady();
    coordinator.#watchCrew();
    return coordinator;
  }

  /** Microseconds since T0. */
  get nowUs(): number {
    return this.#now();
  }

  /** Whether something has ended the load before its time, or all threads have ended. */
  get isStopped(): boolean {
    return this.#over || this.#stopped.by !== 'end';
  }

  /** Totals of the events that were read so far. */
  get recorder(): Recorder {
    return this.#recorder;
  }

  /** Returns the threads, for probes that watch them. */
  get crew(): readonly CrewMember[] {
    return this.#crew.members;
  }

  /** Sets T0, `aheadUs` microseconds ahead, for all threads. Returns its wall-clock time. */
  start(listener: LoadListener, aheadUs = START_MARGIN_US): Date {
    this.#listener = listener;
    const { time } = this.#ports;
    const t0Us = time.readMonotonicUs() + aheadUs;
    const startedAt = new Date(time.readWallMs() + aheadUs / 1000);
    this.#now = () => time.readMonotonicUs() - t0Us;
    this.#crew.post({ type: 'start', t0Us });
    if (this.#over) return startedAt;
    this.#stopReading = time.every(READ_EVERY_MS, () => this.#guard(() => this.#read()));
    const ends = this.#options.plan.blocks.map(
      ({ endUs, gracefulStopUs }) => endUs + gracefulStopUs,
    );
    if (ends.length > 0) this.#losePatienceIn(Math.max(...ends) + aheadUs);
    return startedAt;
  }

  /**
   * Appends a block of one step. It begins so far ahead that every worker has its message by then. Call it only when
   * drained. `plan`: returns what to run, given the moment at which it begins.
   */
  append(plan: (fromUs: number) => { block: BlockPlan; step: Step }): Step {
    const { block, step } = plan(this.#now() + START_MARGIN_US);
    this.#recorder.addStep(step);
    this.#crew.append(block, step);
    const { endUs, gracefulStopUs } = block;
    this.#losePatienceIn(endUs + gracefulStopUs + START_MARGIN_US - this.#now());
    return step;
  }

  /** Closes the current interval, so that all events that were written by now are in records. */
  cut(): void {
    this.#crew.read();
    for (const record of this.#recorder.cut(this.#now())) this.#listener.onInterval(record);
  }

  /**
   * Ends the current block to protect other clients. Its attempts in flight are cancelled, and `onDrained` follows.
   * Returns false if there is no current block, or no block may follow.
   */
  endBlock(): boolean {
    if (this.#over || !this.#isOpenEnded || this.#crew.isIdle) return false;
    this.#crew.post({ type: 'endBlock' });
    return true;
  }

  /** Calls `onDrained` again, if still nothing is in flight and the load has not been ended meanwhile. */
  resume(): void {
    if (!this.#over && this.#isOpenEnded) this.#closeIfIdle();
  }

  /** Ends the load once it has drained: no further block is appended. */
  finish(): void {
    this.#isOpenEnded = false;
    this.#closeIfIdle();
  }

  /**
   * Ends the arrivals; attempts in flight may end within `gracefulStop`. The first reason is kept, unless the new one
   * is an error. Returns false if the reason was not taken: another came first, the run is over, or a condition came
   * after the last arrival.
   */
  stop(by: StoppedBy, reason: string): boolean {
    const { search, durationUs } = this.#options.plan;
    const isLate = by === 'condition' && search === undefined && this.#now() >= durationUs;
    return !isLate && this.#stop(by, reason);
  }

  /**
   * Ends everything at once to protect other clients, even while the last attempts drain, or after a stop, whose reason
   * is kept. Returns false if the run is over.
   */
  kill(reason: string): boolean {
    if (this.#over) return false;
    this.#stop('condition', reason);
    this.cancel();
    return true;
  }

  #stop(by: StoppedBy, reason: string): boolean {
    const { by: stoppedBy, atUs: stoppedAtUs } = this.#stopped;
    const isFirst = stoppedBy === 'end' || (by === 'error' && stoppedBy !== 'error');
    if (this.#over || !isFirst) return false;
    const atUs = stoppedAtUs ?? Math.max(0, this.#now() + STOP_MARGIN_US);
    this.#stopped = { by, reason, atUs };
    this.#recorder.stopWindows(atUs);
    this.#crew.post({ type: 'stop', atUs });
    this.#losePatienceIn(this.#gracefulStopUs());
    if (this.#isOpenEnded) this.finish();
    return true;
  }

  /** Resolves with the backends of the connections that are ready now: pids, a list for each endpoint. */
  listBackends(): Promise<number[][]> {
    return this.#crew.listBackends();
  }

  /** Ends everything at once. A thread that does not obey is terminated, and its attempts in flight are lost. */
  cancel(): void {
    // A timer that is started now would keep the process alive.
    if (this.#over) return;
    this.#crew.post({ type: 'cancel' });
    this.#patience.expectEnd(() => this.#crew.terminate());
  }

  #gracefulStopUs(): number {
    const { blocks, search } = this.#options.plan;
    const own = blocks.map(({ gracefulStopUs }) => gracefulStopUs);
    return Math.max(search?.gracefulStopUs ?? 0, ...own);
  }

  #losePatienceIn(us: number): void {
    this.#patience.loseIn(us, () => this.cancel());
  }

  #stopTimers(): void {
    this.#over = true;
    this.#stopReading();
    this.#patience.stop();
  }

  /**
   * Ends the load, or continues a search, once no worker has anything in flight. Connections that are held until the
   * end are held until then.
   */
  #closeIfIdle(): void {
    if (!this.#crew.isIdle) return;
    if (!this.#isOpenEnded) this.#crew.post({ type: 'close' });
    else if (!this.#over) this.#guard(() => this.#listener.onDrained?.());
  }

  #read(): void {
    this.#crew.read();
    if (!this.#over) this.#recorder.noteInFlight(this.#now());
    for (const record of this.#recorder.closeIntervals(this.#now() - CLOSE_MARGIN_US)) {
      this.#listener.onInterval(record);
    }
  }

  #watchCrew(): void {
    for (const member of this.#crew.members) {
      void member.gone.then(() => this.#guard(() => this.#memberGone(member)));
    }
  }

  /** Runs `act`. An error in recording ends the threads and the run, but not the process. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#stopTimers();
      this.#crew.terminate();
      this.#break(error);
    }
  }

  #memberGone(member: CrewMember): void {
    member.journal.recordLost(this.#now());
    if (member.crash !== undefined) {
      const { members } = this.#crew;
      const number = members.indexOf(member) + 1;
      this.stop('error', `worker ${number} of ${members.length} crashed: ${member.crash}`);
      this.cancel();
    }
    if (this.#crew.isGone) this.#end();
    else this.#closeIfIdle();
  }

  #end(): void {
    this.#stopTimers();
    this.#read();
    const atUs = Math.max(0, this.#now());
    for (const record of this.#recorder.closeAll(atUs)) this.#listener.onInterval(record);
    const { by: stoppedBy, reason, atUs: stopAtUs } = this.#stopped;
    this.#finish({
      atUs,
      stoppedBy,
      ...(stopAtUs === undefined ? {} : { stopAtUs }),
      ...(reason === undefined ? {} : { reason }),
      scram: this.#crew.scram,
    });
  }
}
