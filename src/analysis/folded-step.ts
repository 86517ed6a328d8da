import { countEnded } from '../model/accounting.ts';
import type { StepRecord } from '../result/records/header.ts';
import type { StepSummary } from '../result/records/summary-figures.ts';
import { PHASE_METRICS } from './bottleneck/phase-figures.ts';
import { LoopDelays } from './figures/loop-delays.ts';
import { perSecond, ranWithin } from './figures/per-second.ts';
import { summariseMetric } from './figures/quantiles.ts';
import { Tally } from './figures/tally.ts';
import { GeneratorEvidence } from './validity/generator-evidence.ts';
import type { KeySource } from './validity/scram.ts';
import { type JudgedFigures, judgeFigures, toValidity } from './validity/validity.ts';

const STEP_METRICS = ['latency', 'lateness', 'censoredLatency', ...PHASE_METRICS] as const;
const CLOSED_STEP_METRICS = ['serviceTime', 'censoredServiceTime', ...PHASE_METRICS] as const;

/** The sums of the records of one step, over all legs. */
export interface FoldedStep {
  record: StepRecord;
  tally: Tally;
  evidence: GeneratorEvidence;
  delays: LoopDelays;
  keys: KeySource;
  /** The step was ended early, perhaps before its measured part. */
  isCut?: boolean;
}

export function foldStep(record: StepRecord, keys: KeySource): FoldedStep {
  return {
    record,
    keys,
    tally: new Tally(record.loop === 'closed' ? CLOSED_STEP_METRICS : STEP_METRICS),
    evidence: new GeneratorEvidence(),
    delays: new LoopDelays(record),
  };
}

/** Ends the step at `atUs`. */
export function cutStep(step: FoldedStep, atUs: number): void {
  const { fromUs, toUs, measureFromUs, measureToUs } = step.record;
  const cut = (us: number): number => Math.max(fromUs, Math.min(us, atUs));
  step.isCut = true;
  step.record = {
    ...step.record,
    toUs: cut(toUs),
    ...(measureFromUs === undefined ? {} : { measureFromUs: cut(measureFromUs) }),
    ...(measureToUs === undefined ? {} : { measureToUs: cut(measureToUs) }),
  };
}

/** Returns the loop's delays and the service time of a closed loop; no fields for an open one. */
export function pickClosed({ record, tally, delays }: FoldedStep): Pick<JudgedFigures, 'closed'> {
  if (record.loop !== 'closed') return {};
  const { okServiceTime } = tally;
  return { closed: { okServiceTime, loopDelay: summariseMetric(delays.histogram) } };
}

/** Returns the summary of a step. `ranUntilUs`: when arrivals ended, by leg. */
export function summariseStep(step: FoldedStep, ranUntilUs: readonly number[]): StepSummary {
  const { record, tally, evidence, keys } = step;
  const { fromUs, toUs, measureFromUs = fromUs, measureToUs = toUs } = record;
  const ranUs = ranWithin({ fromUs, toUs }, ranUntilUs);
  const inFlight = tally.counts.started - countEnded(tally.counts);
  const latency = tally.summarise('latency', inFlight);
  const lateness = tally.summarise('lateness', inFlight);
  const { localFailures, counts, completed, lastConnectedUs, okLatency } = tally;
  return {
    ...record,
    offeredPerSecond: perSecond(counts.due, ranUs),
    // Of a search's step only the measured part is counted.
    achievedPerSecond:
      step.isCut === true
        ? perSecond(counts.ok, ranUs)
        : perSecond(completed, ranWithin({ fromUs: measureFromUs, toUs: measureToUs }, ranUntilUs)),
    ...(lastConnectedUs === undefined ? {} : { lastConnectedUs }),
    accounting: { ...counts, inFlight },
    latency,
    lateness,
    ...(record.loop === 'closed' ? { serviceTime: tally.summarise('serviceTime', inFlight) } : {}),
    validity: toValidity(
      judgeFigures({
        ok: counts.ok,
        okLatency,
        lateness,
        localFailures,
        keys,
        generator: evidence,
        ...pickClosed(step),
      }),
    ),
  };
}
