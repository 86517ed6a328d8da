import { type Clock, readMonotonicUs } from '../../clock.ts';
import type { GeneratorSample, ProbeRecord, SampleRecord } from '../../result/records/samples.ts';

/** Times are on the clock of `readMonotonicUs`, because the run's T0 is set later. */
export type ProbeReport = Exclude<SampleRecord, GeneratorSample> | ProbeRecord;

type Name = ProbeRecord['probe'];

/** A sample without its times. */
type Told<Sample = Exclude<SampleRecord, GeneratorSample>> = Sample extends { probe: Name }
  ? Omit<Sample, 'type' | 'atUs' | 'elapsedUs'>
  : never;

/**
 * Reports what the probes of a thread see: each sample with the time since the previous one, and each change of state
 * once.
 */
export class ProbeJournal {
  readonly #emit: (report: ProbeReport) => void;
  readonly #now: Clock;
  readonly #sinceUs = new Map<Name, number>();

  constructor(emit: (report: ProbeReport) => void, now: Clock = readMonotonicUs) {
    this.#emit = emit;
    this.#now = now;
  }

  /** Reports that the probe works. Its first sample covers the time from now on. */
  turnedOn(probe: Name): void {
    this.#sinceUs.set(probe, this.#now());
    this.#emitState(probe, 'on');
  }

  /** Reports that the probe cannot work here. */
  turnedOff(probe: Name, reason: string): void {
    this.#emitState(probe, 'off', reason);
  }

  lost(probe: Name, reason: string): void {
    this.#emitState(probe, 'lost', reason);
  }

  /** Reports that the probe works again. The time since it was lost is in no sample. */
  cameBack(probe: Name, reason: string): void {
    this.#sinceUs.set(probe, this.#now());
    this.#emitState(probe, 'back', reason);
  }

  saw({ probe, ...figures }: Told): void {
    const atUs = this.#now();
    const elapsedUs = atUs - (this.#sinceUs.get(probe) ?? atUs);
    this.#sinceUs.set(probe, atUs);
    this.#emit({ type: 'sample', probe, atUs, elapsedUs, ...figures } as ProbeReport);
  }

  #emitState(probe: Name, state: ProbeRecord['state'], reason?: string): void {
    const atUs = this.#now();
    this.#emit({ type: 'probe', atUs, probe, state, ...(reason === undefined ? {} : { reason }) });
  }
}
