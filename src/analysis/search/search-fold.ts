import type { Capacity, CutShort } from '../../result/records/capacity.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { SearchSettings } from '../../scenario/plan/search-settings.ts';
import { HostFold } from '../validity/host-fold.ts';
import { type Ending, findCapacity } from './answer/capacity.ts';
import { drawCurve } from './curve.ts';
import { describeLoss, findBroken } from './given-out.ts';
import { judgeStep } from './judge-step.ts';
import type { JudgedStep } from './outcome.ts';
import { decide, type Move } from './search.ts';
import { StepFold } from './step-fold.ts';

/** What ended the run of a search. Times are in microseconds since its T0. */
export type SearchEnd = Pick<EndRecord, 'stoppedBy' | 'reason' | 'atUs' | 'stopAtUs'>;

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
  /** How far its records go. */
  #untilUs = 0;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
  }

  /** Takes every record, in the file's order; what no search is concerned with is passed over. */
  add(record: StreamRecord): void {
    if (record.type === 'sample') this.#host.add(record);
    if (record.type === 'interval') this.#untilUs = record.toUs;
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

  /**
   * What is known by now. A step that the run was stopped in tells nothing, but that the kill switch ended it at a wall. `end`: of the
   * run or leg; undefined while it goes on, or where its file was cut off.
   */
  capacity(end?: SearchEnd): Capacity {
    return findCapacity(
      this.#settings,
      this.steps,
      this.#describeEnding(end),
      drawCurve(this.#judged),
    );
  }

  #describeEnding(end: SearchEnd | undefined): Ending {
    const unfinished = this.#open === undefined ? undefined : this.#judge(this.#open);
    const cutShort = this.#describeCut(end);
    const wall = this.#isKilled ? this.#findLastWall(unfinished) : undefined;
    return {
      reason: cutShort?.reason ?? this.#ending ?? '',
      ...(cutShort === undefined ? {} : { cutShort }),
      ...(unfinished === undefined ? {} : { unfinished }),
      ...(wall === undefined ? {} : { wall }),
    };
  }

  /** undefined: the search came to its own end. */
  #describeCut(end: SearchEnd | undefined): CutShort | undefined {
    const broken = findBroken(this.steps);
    if (broken !== undefined) {
      return {
        by: 'target',
        atUs: broken.failingFromUs ?? broken.atUs,
        reason: describeLoss(broken),
      };
    }
    if (this.#ending !== undefined) return undefined;
    if (end === undefined || end.stoppedBy === 'end') {
      return { by: 'interrupted', atUs: this.#untilUs, reason: 'the search was cut off' };
    }
    const { stoppedBy, stopAtUs, atUs, reason = 'the search was cut off' } = end;
    return { by: this.#isKilled ? 'target' : stoppedBy, atUs: stopAtUs ?? atUs, reason };
  }

  /** Describes the last step in which the target refused connects because no slot was free; undefined: there was none. */
  #findLastWall(unfinished: JudgedStep | undefined): string | undefined {
    const open = unfinished === undefined ? [] : [unfinished];
    return [...this.steps, ...open].findLast(({ verdict }) => verdict === 'wall')?.because;
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#judged.push({ step: this.#judge(this.#open), fold: this.#open });
    this.#open = undefined;
  }

  #judge(fold: StepFold): JudgedStep {
    const { fromUs, toUs } = fold.record;
    const host = this.#host.between(fromUs, toUs);
    return judgeStep({ ...fold.toOutcome(), ...(host.length === 0 ? {} : { host }) });
  }
}
