import type { StepRecord } from '../result/records/header.ts';

/** A search tells which part of a step is measured. */
export type RecordedStep = Pick<
  StepRecord,
  'index' | 'fromUs' | 'toUs' | 'block' | 'loop' | 'measureFromUs' | 'measureToUs'
>;

/** The steps of a load, and which of them what happens at a moment counts in. Moments are microseconds since T0. */
export class StepWindows {
  readonly #steps: RecordedStep[];
  /** The end of arrivals, where they are stopped before the plan's end. */
  #stopUs = Number.POSITIVE_INFINITY;

  constructor(steps: readonly RecordedStep[]) {
    this.#steps = [...steps];
  }

  /** One more step, numbered on. */
  add(step: RecordedStep): void {
    this.#steps.push(step);
  }

  /** Arrivals were stopped: nothing that happens later counts in a step's window. */
  stop(atUs: number): void {
    this.#stopUs = Math.min(this.#stopUs, atUs);
  }

  /** Whether a step's attempts have a moment they were due: not in a closed loop. */
  isScheduled(step: number): boolean {
    return this.#steps[step]?.loop !== 'closed';
  }

  /** The number of the step of the same block whose window the moment falls into; undefined: it falls into none. */
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
