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

/** What the records of one step come to, over all legs. */
export interface FoldedStep {
  record: StepRecord;
  tally: Tally;
  evidence: GeneratorEvidence;
  delays: LoopDelays;
  keys: KeySource;
  /** It was ended early, maybe before the part that is measured. */
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

/** The step was ended at `atUs`. */
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

/** Of a closed loop alone: its loop's delays against its service time. */
export function pickClosed({ record, tally, delays }: FoldedStep): Pick<JudgedFigures, 'closed'> {
  if (record.loop !== 'closed') return {};
  const { okServiceTime } = tally;
  return { closed: { okServiceTime, loopDelay: summariseMetric(delays.histogram) } };
}

/** `ranUntilUs`: until when arrivals came, by leg. */
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
    // What is counted of a search's step is the part that is measured.
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
