import { describeFailure } from '../../failure-text.ts';
import { countEnded } from '../../model/accounting.ts';
import { ErrorTable } from '../../model/error-table.ts';
import type { StepRecord } from '../../result/records/header.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { DecisionRecord } from '../../result/records/records.ts';
import type { GeneratorSample } from '../../result/records/samples.ts';
import { perSecond } from '../figures/per-second.ts';
import { decodeHistograms, Tally } from '../figures/tally.ts';
import { sortFailures, sumCounts } from '../validity/failure-kinds.ts';
import { GeneratorEvidence } from '../validity/generator-evidence.ts';
import { judgeFigures } from '../validity/validity.ts';
import { OutageFold } from './outage.ts';
import type { StepOutcome } from './outcome.ts';

export const STEP_METRICS = ['latency', 'lateness', 'censoredLatency', 'spawn'] as const;

/** The sums of the records of one step of a search. No other step runs at that time. */
export class StepFold {
  readonly record: StepRecord;
  readonly tally = new Tally(STEP_METRICS);
  readonly #evidence = new GeneratorEvidence();
  readonly #errors = new ErrorTable();
  readonly #outage = new OutageFold();
  readonly #inFlight: number[] = [];
  readonly #cpu = { ownUs: 0, totalUs: 0 };
  #end: { atUs: number; endedBy: string } | undefined;
  #gone: string | undefined;
  /** The first interval in which attempts failed as in `broken`. */
  #failing: Pick<IntervalRecord, 'fromUs' | 'toUs'> | undefined;

  constructor(record: StepRecord) {
    this.record = record;
  }

  addInterval(interval: IntervalRecord): void {
    const isClosed = this.record.loop === 'closed';
    for (const part of interval.steps) {
      if (part.step !== this.record.index) continue;
      this.tally.add(part, decodeHistograms(part.histograms), isClosed);
    }
    for (const error of interval.errors) this.#errors.add(error);
    this.#outage.add(interval);
    if (sortFailures(interval.errors).broken.length > 0) this.#failing ??= interval;
    this.#inFlight.push(...this.#pickInFlight(interval));
  }

  addSample(sample: GeneratorSample): void {
    this.#evidence.add(sample);
    this.#cpu.ownUs += sample.cpuUs;
    this.#cpu.totalUs += sample.hostTotalUs;
  }

  /** Notes what the kill switch did to the step. */
  addDecision({ decision, reason, atUs }: DecisionRecord): void {
    if (decision === 'endStep') this.#end ??= { atUs, endedBy: reason };
    if (decision === 'notBack') this.#gone = reason;
  }

  toOutcome(): StepOutcome {
    const { role = 'climb', startRatePerSecond, startClients } = this.record;
    const { counts, completed, timedOut, okLatency, localFailures } = this.tally;
    const lateness = this.tally.summarise('lateness', 0);
    const failures = this.#countFailures();
    const outage = this.#outage.finish(this.#errors.list());
    const failingFromUs = this.#gone === undefined ? this.#failing?.fromUs : this.#end?.atUs;
    const untilUs = this.#until(this.record.toUs);
    return {
      role,
      atUs: this.#measuredFromUs + this.#measuredUs / 2,
      level: startRatePerSecond ?? startClients ?? 0,
      offeredPerSecond: perSecond(counts.due, untilUs - this.record.fromUs),
      achievedPerSecond:
        this.#end === undefined
          ? perSecond(completed, this.#measuredUs)
          : this.#achievedUntil(this.#end.atUs),
      started: counts.started,
      dropped: counts.dropped,
      timedOut,
      ...failures,
      ...(this.#end === undefined ? {} : { endedBy: this.#end.endedBy }),
      ...(this.#gone === undefined ? {} : { gone: this.#gone }),
      ...(failingFromUs === undefined ? {} : { failingFromUs }),
      ...(outage === undefined ? {} : { outage }),
      served: counts.ok > 0,
      isBrokenAtEnd: (this.#failing?.toUs ?? 0) >= untilUs,
      inFlight: this.#inFlight,
      latency: this.tally.summarise('latency', counts.started - countEnded(counts)),
      lateness,
      measuredUs: this.#measuredUs,
      ownCpuShare: this.#cpu.totalUs > 0 ? this.#cpu.ownUs / this.#cpu.totalUs : null,
      reasons: judgeFigures({
        ok: counts.ok,
        okLatency,
        lateness,
        localFailures,
        generator: this.#evidence,
      }),
    };
  }

  /**
   * Leaves out failures at this machine's own limits, which make a step invalid, and timeouts, which are counted
   * separately.
   */
  #countFailures(): Pick<StepOutcome, 'refused' | 'broken' | 'refusal' | 'breakage'> {
    const { refused, broken } = sortFailures(this.#errors.list());
    const [refusal] = refused;
    const [breakage] = broken;
    return {
      refused: sumCounts(refused),
      broken: sumCounts(broken),
      ...(refusal === undefined ? {} : { refusal: describeFailure(refusal) }),
      ...(breakage === undefined ? {} : { breakage: describeFailure(breakage) }),
    };
  }

  /** Returns the samples of the measured part. Samples are evenly spaced over their interval. */
  #pickInFlight({ fromUs, toUs, inFlightSamples = [] }: IntervalRecord): number[] {
    const { measureFromUs = this.record.fromUs, measureToUs = this.record.toUs } = this.record;
    const everyUs = (toUs - fromUs) / inFlightSamples.length;
    return inFlightSamples.filter((_, at) => {
      const atUs = fromUs + (at + 0.5) * everyUs;
      return atUs >= measureFromUs && atUs < measureToUs;
    });
  }

  get #measuredFromUs(): number {
    const { fromUs, measureFromUs = fromUs } = this.record;
    return measureFromUs;
  }

  get #measuredUs(): number {
    const { toUs, measureToUs = toUs } = this.record;
    return Math.max(0, this.#until(measureToUs) - this.#measuredFromUs);
  }

  /** Returns the rate over all of a step that was ended early, because it may have ended before its measured part. */
  #achievedUntil(atUs: number): number {
    return perSecond(this.tally.counts.ok, atUs - this.record.fromUs);
  }

  /** Returns a moment of the plan, or the step's early end if that comes first. */
  #until(us: number): number {
    return Math.min(us, this.#end?.atUs ?? us);
  }
}
