import type { Clock } from '../../clock.ts';
import type { ScramFigures } from '../../drivers/login/scram-costs.ts';
import { type Completion, Recorder } from '../../metrics/recorder.ts';
import type { EndRecord, StoppedBy } from '../../result/records/end.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { BlockPlan, Plan, Step } from '../../scenario/plan/plan.ts';
import { tuneV8 } from '../../v8-flags.ts';
import { Crew, type CrewOrders } from './crew.ts';
import type { CrewMember } from './crew-member.ts';
import { Patience } from './patience.ts';
import { type LoadPorts, REAL_LOAD } from './ports.ts';

export interface LoadOptions extends CrewOrders {
  /** Absent: worker threads, and the time of this machine. */
  ports?: LoadPorts;
}

/** Told what happens from the start on; nothing happens before it. */
export interface LoadListener {
  onInterval: (record: IntervalRecord) => void;
  /**
   * Of a plan that is searched for: nothing is under way, at the start and after each block that was appended. What
   * comes next is to be told by `append` or `finish`.
   */
  onDrained?: () => void;
}

/** What of the `end` record the load knows. */
export type LoadEnd = Omit<EndRecord, 'type' | 'scram'> & { scram: ScramFigures };

/** T0 lies this far ahead, so that every worker has its message by then. */
const START_MARGIN_US = 50_000;
/** A stop lies this far ahead, so that it is the same moment for every worker. */
const STOP_MARGIN_US = 20_000;
const READ_EVERY_MS = 100;
/** An interval is closed so long after its end: the events of its last moments have been read by then. */
const CLOSE_MARGIN_US = 250_000;

/** The threads of one run: gives each its share, reads what they write down, and ends them together. */
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
  /** Blocks may still be appended. */
  #isOpenEnded: boolean;
  #stopped: { by: StoppedBy; reason?: string; atUs?: number } = { by: 'end' };
  #finish: (end: LoadEnd) => void = () => {};
  #break: (error: unknown) => void = () => {};
  /** Resolves when every worker has ended, however it did; rejects when what they wrote cannot be recorded. */
  readonly finished: Promise<LoadEnd>;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#ports = options.ports ?? REAL_LOAD;
    this.#isOpenEnded = options.plan.search !== undefined;
    const { steps, retry, search, connection } = options.plan;
    this.#recorder = new Recorder({
      steps,
      goalUs: retry?.goalUs,
      completes: search === undefined ? 'ready' : findCompletion(connection),
      tellsUsable: connection.tellsUsable,
      metersCrowds: search === undefined,
    });
    this.#crew = new Crew(options, this.#recorder, this.#ports, () => this.#closeIfIdle());
    this.#patience = new Patience(this.#ports.time);
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#break = reject;
    });
  }

  /** Starts the threads and waits until all are ready to start. Throws where one cannot be started. */
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

  /** Totals so far, of what was read. */
  get recorder(): Recorder {
    return this.#recorder;
  }

  /** The threads, for whoever watches them. */
  get crew(): readonly CrewMember[] {
    return this.#crew.members;
  }

  /** Sets T0, shortly ahead, for all threads. Returns its wall-clock time. */
  start(listener: LoadListener): Date {
    this.#listener = listener;
    const { time } = this.#ports;
    const t0Us = time.readMonotonicUs() + START_MARGIN_US;
    const startedAt = new Date(time.readWallMs() + START_MARGIN_US / 1000);
    this.#now = () => time.readMonotonicUs() - t0Us;
    this.#crew.tell({ type: 'start', t0Us });
    if (this.#over) return startedAt;
    this.#stopReading = time.every(READ_EVERY_MS, () => this.#guard(() => this.#read()));
    const ends = this.#options.plan.blocks.map(
      ({ endUs, gracefulStopUs }) => endUs + gracefulStopUs,
    );
    if (ends.length > 0) this.#losePatienceIn(Math.max(...ends) + START_MARGIN_US);
    return startedAt;
  }

  /**
   * One more block, of one step, begins so long after now that every worker has its message by then. Only when drained.
   * `plan`: what to run, from the moment it begins.
   */
  append(plan: (fromUs: number) => { block: BlockPlan; step: Step }): Step {
    const { block, step } = plan(this.#now() + START_MARGIN_US);
    this.#recorder.addStep(step);
    this.#crew.append(block, step);
    const { endUs, gracefulStopUs } = block;
    this.#losePatienceIn(endUs + gracefulStopUs + START_MARGIN_US - this.#now());
    return step;
  }

  /** Closes the interval that goes on: all that was told by now is in the records. */
  cut(): void {
    this.#crew.read();
    for (const record of this.#recorder.cut(this.#now())) this.#listener.onInterval(record);
  }

  /**
   * Ends the block that goes on, for the good of others: what it has under way is cancelled, and `onDrained` follows. False
   * where nothing may follow it, or where nothing goes on.
   */
  endBlock(): boolean {
    if (this.#over || !this.#isOpenEnded || this.#crew.isIdle) return false;
    this.#crew.tell({ type: 'endBlock' });
    return true;
  }

  /** `onDrained` once more, where nothing is under way still, and no end has come meanwhile. */
  resume(): void {
    if (!this.#over && this.#isOpenEnded) this.#closeIfIdle();
  }

  /** No block is appended any more. */
  finish(): void {
    this.#isOpenEnded = false;
    this.#closeIfIdle();
  }

  /**
   * Ends the arrivals; what is under way has `gracefulStop` to end. The first reason stays, but for an error: false where
   * this is not it, or where the run is over, or a condition comes after the last arrival.
   */
  stop(by: StoppedBy, reason: string): boolean {
    const { search, durationUs } = this.#options.plan;
    const isLate = by === 'condition' && search === undefined && this.#now() >= durationUs;
    return !isLate && this.#stop(by, reason);
  }

  /**
   * Ends everything at once, for the good of others: while the last attempts drain and after a stop too, whose reason
   * stays then. False where the run is over.
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
    this.#crew.tell({ type: 'stop', atUs });
    this.#losePatienceIn(this.#gracefulStopUs());
    if (this.#isOpenEnded) this.finish();
    return true;
  }

  /** Ends everything at once; a thread that does not obey is ended, and what it had under way is lost. */
  cancel(): void {
    // The last resort's timer would keep the process alive.
    if (this.#over) return;
    this.#crew.tell({ type: 'cancel' });
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

  /** Connections that are held until the end are held until the last worker has nothing under way. */
  #closeIfIdle(): void {
    if (!this.#crew.isIdle) return;
    if (!this.#isOpenEnded) this.#crew.tell({ type: 'close' });
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

  /** A defect in recording ends the threads and the run, not the process. */
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

/** What makes a connect of a search complete. */
function findCompletion({ queries, tellsUsable }: Plan['connection']): Completion {
  if (tellsUsable) return 'usable';
  return queries > 0 ? 'firstQuery' : 'ready';
}
