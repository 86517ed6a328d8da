import type { Capacity } from '../../result/records/capacity.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { SearchSettings } from '../../scenario/plan/search-settings.ts';
import { HostFold } from '../validity/host-fold.ts';
import { findCapacity } from './answer/capacity.ts';
import { drawCurve } from './curve.ts';
import { judgeStep } from './judge-step.ts';
import type { JudgedStep } from './outcome.ts';
import { decide, type Move } from './search.ts';
import { StepFold } from './step-fold.ts';

/**
 * A search as a fold over the records of its run, while it runs or from the file: what is decided follows from the records before
 * it alone. Times are since the T0 of the run, or of the leg.
 */
export class SearchFold {
  readonly #settings: SearchSettings;
  readonly #host = new HostFold();
  readonly #judged: { step: JudgedStep; fold: StepFold }[] = [];
  #open: StepFold | undefined;
  #ending: string | undefined;
  /** By the kill switch: others were no longer served. */
  #isKilled = false;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
  }

  /** Takes every record, in the file's order; what no search is concerned with is passed over. */
  add(record: StreamRecord): void {
    if (record.type === 'sample') this.#host.add(record);
    if (record.type === 'step') this.#open = new StepFold(record);
    else if (record.type === 'interval') this.#open?.addInterval(record);
    else if (record.type === 'sample' && record.probe === 'generator')
      this.#open?.addSample(record);
    else if (record.type === 'decision' && record.search !== undefined) this.#close();
    else if (record.type === 'decision') this.#open?.addDecision(record);
    if (record.type === 'decision' && record.decision === 'kill') this.#isKilled = true;
    if (record.type === 'decision' && record.search?.next === 'done') this.#ending = record.reason;
  }

  /** What comes next, when all records of the step before have been added; the decision's own record is to be added too. */
  decide(atUs: number): Move {
    this.#close();
    return decide(this.#settings, this.steps, atUs);
  }

  /** The steps that are over. */
  get steps(): JudgedStep[] {
    return this.#judged.map(({ step }) => step);
  }

  /** What is known by now. A step that the run was stopped in tells nothing, but that the kill switch ended it at a wall. */
  capacity(stopReason?: string): Capacity {
    const ending = this.#ending ?? stopReason ?? 'the search was cut off';
    const wall = this.#isKilled ? this.#findLastWall() : undefined;
    return findCapacity(this.#settings, this.steps, ending, drawCurve(this.#judged), wall);
  }

  /** Describes the last step in which the target refused connects because no slot was free; undefined: there was none. */
  #findLastWall(): string | undefined {
    const open = this.#open === undefined ? [] : [judgeStep(this.#open.toOutcome())];
    return [...this.steps, ...open].findLast(({ verdict }) => verdict === 'wall')?.because;
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { fromUs, toUs } = this.#open.record;
    const host = this.#host.between(fromUs, toUs);
    const step = judgeStep({ ...this.#open.toOutcome(), ...(host.length === 0 ? {} : { host }) });
    this.#judged.push({ step, fold: this.#open });
    this.#open = undefined;
  }
}
