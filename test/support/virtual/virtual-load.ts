import type { Attempt } from '../../../src/drivers/driver.ts';
import { allocateRing, EventWriter } from '../../../src/load/record/event-ring.ts';
import { allocateFailureTable, FailureWriter } from '../../../src/load/record/failure-table.ts';
import { Journal } from '../../../src/load/record/journal.ts';
import { shareBlock, shareOf, sharePlan } from '../../../src/load/schedule/shares.ts';
import { LoadLoop } from '../../../src/load/threads/load-loop.ts';
import { Recorder } from '../../../src/metrics/recorder.ts';
import type { Failure } from '../../../src/model/measures.ts';
import type { IntervalRecord } from '../../../src/result/records/intervals.ts';
import { type BlockPlan, type Plan, planRun, type Step } from '../../../src/scenario/plan/plan.ts';
import { parseScenario } from '../synthetic/parse-scenario.ts';
import { type Fate, SimulatedDriver } from './simulated-driver.ts';
import { VirtualTime } from './virtual-time.ts';

export interface VirtualOptions {
  workers?: number;
  maxInFlight?: number;
  /** Decides what becomes of an attempt; default: ready after 1 ms. `serial`: the attempts of the worker so far. */
  server?: (attempt: Attempt, serial: number) => Fate;
  /** Journals are read and intervals closed so often, as the coordinator does. */
  readEveryUs?: number;
  /** Blocks may be appended: called at the start and whenever nothing is under way. It appends, or finishes. */
  onDrained?: (load: VirtualLoad) => void;
  /** The worker dies as it sets about writing this row, counted from 0: for `runAndDie`. */
  diesAtRow?: number;
}

/** A thread can be ended between any two rows. */
class MortalWriter extends EventWriter {
  #rowsLeft: number;

  constructor(memory: SharedArrayBuffer, rows: number) {
    super(memory);
    this.#rowsLeft = rows;
  }

  override write(...row: Parameters<EventWriter['write']>): void {
    this.#live();
    super.write(...row);
  }

  override writeSession(...row: Parameters<EventWriter['writeSession']>): void {
    this.#live();
    super.writeSession(...row);
  }

  #live(): void {
    if (this.#rowsLeft-- <= 0) throw new Death();
  }
}

class Death extends Error {}

/** A whole load in virtual time: real loops, rings, journals and recorder, around a simulated server. */
export class VirtualLoad {
  readonly time = new VirtualTime();
  readonly plan: Plan;
  readonly recorder: Recorder;
  readonly intervals: IntervalRecord[] = [];
  /** When the last worker was done. */
  endUs = 0;
  /** Told of every interval; unless set, they are kept in `intervals`. */
  onInterval = (record: IntervalRecord): void => void this.intervals.push(record);
  /** Every attempt that was started, by worker. */
  readonly attempts: Attempt[][] = [];
  /** Attempts that are kept in `attempts`; none where there are too many to keep. */
  keepsAttempts = true;
  readonly loops: LoadLoop[] = [];
  readonly #journals: Journal[] = [];
  readonly #drivers: SimulatedDriver[] = [];
  readonly #readEveryUs: number;
  readonly #onDrained: VirtualOptions['onDrained'];
  #idle = 0;
  #done = 0;

  constructor(scenario: Record<string, unknown>, options: VirtualOptions = {}) {
    const { workers = 1, maxInFlight = 100_000, readEveryUs = 100_000 } = options;
    const text = JSON.stringify({ shows: 'a test', ...scenario });
    this.plan = planRun(parseScenario(text, 'test.json'));
    const { steps, retry, connection } = this.plan;
    this.recorder = new Recorder({ steps, goalUs: retry?.goalUs });
    this.#readEveryUs = readEveryUs;
    this.#onDrained = options.onDrained;
    for (let worker = 0; worker < workers; worker++) {
      const memory = { events: allocateRing(16_384), failures: allocateFailureTable() };
      const loop: LoadLoop = new LoadLoop({
        blocks: sharePlan(this.plan, worker, workers),
        steps,
        stripe: { worker, workers },
        retry,
        isOpenEnded: options.onDrained !== undefined,
        maxInFlight: shareOf(maxInFlight, worker, workers),
        events: new MortalWriter(memory.events, options.diesAtRow ?? Number.POSITIVE_INFINITY),
        failures: new FailureWriter(memory.failures),
        now: this.time.now,
        createTimers: this.time.createTimers,
        awaits: undefined,
        onIdle: () => this.#noteIdle(workers),
        onDone: () => {
          this.#done++;
          this.endUs = this.time.nowUs;
        },
      });
      const own: Attempt[] = [];
      this.attempts.push(own);
      const server = options.server ?? (() => ({ ready: 1_000 }));
      const note = (attempt: Attempt): void => {
        if (this.keepsAttempts) own.push(attempt);
      };
      const driver = new SimulatedDriver(loop.sink, this.time, {
        server,
        connection,
        note,
        now: this.time.now,
        queries: 0,
      });
      this.loops.push(loop);
      this.#drivers.push(driver);
      this.#journals.push(new Journal(memory, steps.length, this.recorder));
    }
  }

  /** Runs to the end, or as far as told; `between` is called at a moment before that. */
  run(between?: { atUs: number; act: () => void }): this {
    this.#start();
    if (between !== undefined) this.time.at(between.atUs, between.act);
    this.time.at(this.#readEveryUs, () => this.#readOften());
    this.time.run();
    if (this.#done < this.loops.length) throw new Error(`${this.#done} workers are done`);
    this.#read();
    for (const record of this.recorder.closeAll(this.endUs)) this.onInterval(record);
    return this;
  }

  /** Runs until a moment and no further: the workers die there, or at their row before that. */
  runAndDie(atUs: number): this {
    try {
      this.#start();
      this.time.run(atUs);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
    for (const journal of this.#journals) journal.recordLost(atUs);
    for (const record of this.recorder.closeAll(atUs)) this.onInterval(record);
    return this;
  }

  /** Cuts every connection that is ready now; with a failure: while it is asking a query. */
  cutAll(inQuery?: Failure): void {
    for (const driver of this.#drivers) driver.cutAll(inQuery);
  }

  get all(): Attempt[] {
    return this.attempts.flat().sort((a, b) => a.startUs - b.startUs || a.index - b.index);
  }

  #start(): void {
    for (const [worker, loop] of this.loops.entries()) {
      const driver = this.#drivers[worker];
      if (driver !== undefined) loop.start(driver);
    }
  }

  /** What the coordinator does for a search. */
  append({ block, step }: { block: BlockPlan; step: Step }): void {
    this.recorder.addStep(step);
    this.#idle = 0;
    for (const [worker, loop] of this.loops.entries()) {
      loop.append(shareBlock(block, [step], worker, this.loops.length), step);
    }
  }

  /** All that happened so far is in the intervals. */
  cut(): void {
    this.#read();
    for (const record of this.recorder.cut(this.time.nowUs)) this.onInterval(record);
  }

  finish(): void {
    for (const loop of this.loops) loop.close();
  }

  #noteIdle(workers: number): void {
    this.#idle++;
    if (this.#idle < workers) return;
    this.time.at(this.time.nowUs, () => {
      if (this.#onDrained === undefined) this.finish();
      else this.#onDrained(this);
    });
  }

  #readOften(): void {
    if (this.#done === this.loops.length) return;
    this.#read();
    const beforeUs = this.time.nowUs - 250_000;
    for (const record of this.recorder.closeIntervals(beforeUs)) this.onInterval(record);
    this.time.at(this.time.nowUs + this.#readEveryUs, () => this.#readOften());
  }

  #read(): void {
    for (const journal of this.#journals) journal.read();
  }
}
