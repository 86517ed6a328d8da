import type { ProbeRecord, SampleRecord } from '../../result/records/samples.ts';

export type SampleOf<Probe extends SampleRecord['probe']> = Extract<SampleRecord, { probe: Probe }>;

/** Number of samples kept: those of an hour of all probes. A longer run keeps its first ones. */
const MOST_KEPT = 50_000;

/** Store of the probes' records, until it is known which part of the run is judged. */
export class ProbeLog {
  readonly #samples: SampleRecord[] = [];
  readonly #states = new Map<ProbeRecord['probe'], ProbeRecord>();

  add(record: SampleRecord | ProbeRecord): void {
    if (record.type === 'probe') this.#states.set(record.probe, record);
    else if (this.#samples.length < MOST_KEPT) this.#samples.push(record);
  }

  /**
   * True: the target was watched, or was meant to be. connstorm's own samples do not count, because every run has them.
   */
  get hasProbes(): boolean {
    return this.#states.size > 0 || this.#samples.some(({ probe }) => probe !== 'generator');
  }

  /** Returns the samples of a probe whose middle lies in the given time. */
  during<Probe extends SampleRecord['probe']>(
    probe: Probe,
    { fromUs, toUs }: { fromUs: number; toUs: number },
  ): SampleOf<Probe>[] {
    return this.#samples.filter((sample): sample is SampleOf<Probe> => {
      const middleUs = sample.atUs - sample.elapsedUs / 2;
      return sample.probe === probe && middleUs >= fromUs && middleUs < toUs;
    });
  }

  /** Returns why a probe does not work; undefined if it works, or has reported nothing. */
  whyOff(probe: ProbeRecord['probe']): string | undefined {
    const state = this.#states.get(probe);
    if (state?.state !== 'off' && state?.state !== 'lost') return undefined;
    return state.reason ?? state.state;
  }
}
