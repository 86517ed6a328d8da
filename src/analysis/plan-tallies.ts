import { METRICS, type SummaryMetric } from '../model/measures.ts';
import type { StepRecord } from '../result/records/header.ts';
import type { StepInterval } from '../result/records/intervals.ts';
import type { GeneratorSample } from '../result/records/samples.ts';
import type { StepSummary } from '../result/records/summary-figures.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';
import { decodeHistograms, Tally } from './figures/tally.ts';
import { cutStep, type FoldedStep, foldStep, summariseStep } from './folded-step.ts';
import type { JudgedStep } from './search/outcome.ts';
import { agreeWithSearch } from './search/step-validity.ts';
import { isTold } from './validity/old-backends.ts';
import type { KeySource } from './validity/scram.ts';

const PRINTED_METRICS = METRICS.filter(
  (metric): metric is SummaryMetric => !metric.startsWith('censored'),
);

/** The sums of a plan and of each of its steps, over all legs. Times are since the T0 of each leg. */
export class PlanTallies {
  /** Sums over all steps. */
  readonly run = new Tally(METRICS);
  readonly #steps: FoldedStep[];
  readonly #keys: KeySource;

  constructor(steps: readonly StepRecord[], keys: KeySource) {
    this.#keys = keys;
    this.#steps = steps.map((step) => foldStep(step, keys));
  }

  get steps(): readonly FoldedStep[] {
    return this.#steps;
  }

  /** Adds a step. Its number must be the next one; throws if it is not. */
  openStep(step: StepRecord): void {
    if (step.index !== this.#steps.length)
      throw new RangeError(`step ${step.index} is not the next`);
    this.#steps.push(foldStep(step, this.#keys));
  }

  /** Ends the last step early, at `atUs`. */
  cutLast(atUs: number): void {
    const step = this.#steps.at(-1);
    if (step !== undefined) cutStep(step, atUs);
  }

  /** Adds an interval's part for one step. Throws if there is no such step. */
  add(part: StepInterval): void {
    const step = this.#steps[part.step];
    if (step === undefined) throw new RangeError(`there is no step ${part.step}`);
    const histograms = decodeHistograms(part.histograms);
    const isClosed = step.record.loop === 'closed';
    this.run.add(part, histograms, isClosed);
    step.tally.add(part, histograms, isClosed);
  }

  addSample(sample: GeneratorSample): void {
    const { atUs, elapsedUs } = sample;
    const middleUs = atUs - elapsedUs / 2;
    for (const { record, evidence, delays } of this.#steps) {
      delays.add(sample);
      const isMost = middleUs >= record.fromUs && middleUs < record.toUs;
      const touches = atUs > record.fromUs && atUs - elapsedUs < record.toUs;
      if (touches) evidence.add(sample, isMost);
    }
  }

  /** True: the first step is a closed loop. Only used for a load of one step. */
  get isClosed(): boolean {
    return this.#steps[0]?.record.loop === 'closed';
  }

  /** Returns the metrics that have a measurement. `inFlight`: attempts whose end is not in the file. */
  summariseMetrics(inFlight: number): SummaryRecord['metrics'] {
    const entries = PRINTED_METRICS.filter((metric) => isTold(metric, this.run)).map(
      (metric) => [metric, this.run.summarise(metric, inFlight)] as const,
    );
    return Object.fromEntries(
      entries.filter(([, { count, censored }]) => count > 0 || (censored ?? 0) > 0),
    );
  }

  /**
   * Returns the steps that the run reached. `ranUntilUs`: by leg. `judged`: the search's verdicts by step number;
   * undefined in a run without a search.
   */
  summariseSteps(
    ranUntilUs: readonly number[],
    judged: readonly JudgedStep[] | undefined,
  ): StepSummary[] {
    return this.#steps
      .filter(({ record }) => ranUntilUs.some((untilUs) => record.fromUs < untilUs))
      .map((step) => {
        const summary = summariseStep(step, ranUntilUs);
        return judged === undefined ? summary : agreeWithSearch(summary, judged[step.record.index]);
      });
  }
}
