import type { Capacity, CutShort } from '../../result/records/capacity.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { SearchSettings } from '../../scenario/plan/search-settings.ts';
import { HostFold } from '../validity/host-fold.ts';
import { type Ending, findCapacity } from './answer/capacity.ts';
import { drawCurve } from './curve.ts';
import { describeLoss, findBroken, findLossFromUs } from './given-out.ts';
import { judgeStep } from './judge-step.ts';
import type { JudgedStep } from './outcome.ts';
import { decide, type Move } from './search.ts';
import { StepFold } from './step-fold.ts';

/** End of the run of a search. Times are in microseconds since its T0. */
export type SearchEnd = Pick<EndRecord, 'stoppedBy' | 'reason' | 'atUs' | 'stopAtUs'>;

/**
 * A search as a fold over the records of its run, during the run or from the file. What it decides follows only from
 * the records before. Times are since the T0 of the run, or of the leg.
 */
export class SearchFold {
  readonly #settings: SearchSettings;
  readonly #host = new HostFold();
  readonly #judged: { step: JudgedStep; fold: StepFold }[] = [];
  #open: StepFold | undefined;
  #ending: string | undefined;
  /** The kill switch ended the run, because other clients were no longer served. */
  #isKilled = false;
  /** End of the last interval. */
  #untilUs = 0;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
  }

  /** Takes every record, in the file's order. Records that matter to no search are ignored. */
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

  /**
   * Returns the next move. Called when all records of the step before have been added. The record of the decision must
   * be added, too.
   */
  decide(atUs: number): Move {
    this.#close();
    return decide(this.#settings, this.steps, atUs);
  }

  /** The steps that have ended. */
  get steps(): JudgedStep[] {
    return this.#judged.map(({ step }) => step);
  }

  /**
   * Returns what is known so far. A step in which the run was stopped does not count, except that the kill switch may
   * have ended it at a wall. `end`: that of the run or leg; undefined while it runs, or if its file was cut off.
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

  /** Returns undefined if the search came to its own end. */
  #describeCut(end: SearchEnd | undefined): CutShort | undefined {
    const { steps } = this;
    const broken = findBroken(steps);
    if (broken !== undefined) {
      return {
        by: 'target',
        atUs: findLossFromUs(steps, broken),
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

  /** Returns the refusals of the last step that met a wall, as text; undefined if none did. */
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
