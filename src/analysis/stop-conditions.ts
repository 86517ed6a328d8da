import { nounOf } from '../counted.ts';
import { countEnded, sumPassedOn } from '../model/accounting.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import type { StopPlan } from '../scenario/plan/plan.ts';

/** Judges a run while it runs, by the interval records that are written to the file. */
export class StopConditions {
  readonly #plan: StopPlan;
  /** The intervals within errorRate's window. */
  #window: { toUs: number; failed: number; ended: number }[] = [];

  constructor(plan: StopPlan) {
    this.#plan = plan;
  }

  /** Takes the next interval. Returns why the run should stop, as one line, or undefined. */
  judge(interval: IntervalRecord): string | undefined {
    return (
      this.#judgeErrorRate(interval) ??
      this.#judgeRow(interval) ??
      this.#judgeOpen(interval) ??
      this.#judgeTime(interval)
    );
  }

  #judgeErrorRate({ toUs, steps }: IntervalRecord): string | undefined {
    const { errorRate } = this.#plan;
    if (errorRate === undefined) return undefined;
    // An attempt after which the next host is tried decides nothing yet.
    const passedOn = steps.reduce((sum, step) => sum + sumPassedOn(step.hosts ?? []), 0);
    const failed = steps.reduce((sum, { counts }) => sum + counts.failed, 0) - passedOn;
    const ended = steps.reduce((sum, { counts }) => sum + countEnded(counts), 0) - passedOn;
    const kept = this.#window.filter((it) => it.toUs > toUs - errorRate.windowUs);
    this.#window = [...kept, { toUs, failed, ended }];
    const allFailed = this.#window.reduce((sum, it) => sum + it.failed, 0);
    const all = this.#window.reduce((sum, it) => sum + it.ended, 0);
    if (all < errorRate.minAttempts || allFailed / all <= errorRate.above) return undefined;
    return `${allFailed} of the last ${all} ${nounOf(all, 'attempt')} failed, more than stop.errorRate ${errorRate.above} allows`;
  }

  #judgeRow({ failedInARow = 0 }: IntervalRecord): string | undefined {
    const limit = this.#plan.failedInARow;
    if (limit === undefined || failedInARow < limit) return undefined;
    return `${failedInARow} ${nounOf(failedInARow, 'attempt')} in a row failed, as many as stop.failedInARow ${limit} allows`;
  }

  #judgeOpen({ inFlight, open }: IntervalRecord): string | undefined {
    const limit = this.#plan.maxOpen;
    if (limit === undefined || inFlight + open <= limit) return undefined;
    return `${inFlight + open} ${nounOf(inFlight + open, 'connection is', 'connections are')} in flight or ready, more than stop.maxOpen ${limit} allows`;
  }

  #judgeTime({ toUs }: IntervalRecord): string | undefined {
    const limitUs = this.#plan.afterUs;
    if (limitUs === undefined || toUs < limitUs) return undefined;
    return `the time of stop.after, ${limitUs / 1_000_000} s, is over`;
  }
}
