import type { StepRecord } from '../result/records/header.ts';

/**
 * What the recorder needs of a step. The `measure` fields are set in a search: they give the part of a step that is
 * measured.
 */
export type RecordedStep = Pick<
  StepRecord,
  'index' | 'fromUs' | 'toUs' | 'block' | 'loop' | 'measureFromUs' | 'measureToUs'
>;

/** The steps of a load. Finds the step whose window a moment counts in. Moments are microseconds since T0. */
export class StepWindows {
  readonly #steps: RecordedStep[];
  /** The moment at which arrivals were stopped before the plan's end. */
  #stopUs = Number.POSITIVE_INFINITY;

  constructor(steps: readonly RecordedStep[]) {
    this.#steps = [...steps];
  }

  /** Adds a step. Its number is the next one. */
  add(step: RecordedStep): void {
    this.#steps.push(step);
  }

  /** Ends all windows: nothing that happens after `atUs` counts in a step's window. */
  stop(atUs: number): void {
    this.#stopUs = Math.min(this.#stopUs, atUs);
  }

  /** Returns whether a step's attempts have a due moment. Those of a closed loop have none. */
  isScheduled(step: number): boolean {
    return this.#steps[step]?.loop !== 'closed';
  }

  /** Returns the number of the step of the same block whose window contains the moment; undefined if there is none. */
  find(step: number, atUs: number): number | undefined {
    if (atUs >= this.#stopUs) return undefined;
    const own = this.#steps[step];
    if (own === undefined || isWithin(own, atUs)) return own?.index;
    return this.#steps.find((other) => other.block === own.block && isWithin(other, atUs))?.index;
  }
}

function isWithin(step: RecordedStep, atUs: number): boolean {
  const { measureFromUs = step.fromUs, measureToUs = step.toUs } = step;
  return atUs >= measureFromUs && atUs < measureToUs;
}
