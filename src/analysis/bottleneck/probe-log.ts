import type { ProbeRecord, SampleRecord } from '../../result/records/samples.ts';

export type SampleOf<Probe extends SampleRecord['probe']> = Extract<SampleRecord, { probe: Probe }>;

/** Samples kept: an hour of all probes; of a longer run the first ones. */
const MOST_KEPT = 50_000;

/** What the probes told, until it is known which part of it is to be judged. */
export class ProbeLog {
  readonly #samples: SampleRecord[] = [];
  readonly #states = new Map<ProbeRecord['probe'], ProbeRecord>();

  add(record: SampleRecord | ProbeRecord): void {
    if (record.type === 'probe') this.#states.set(record.probe, record);
    else if (this.#samples.length < MOST_KEPT) this.#samples.push(record);
  }

  /** Whether the target was looked at, or was to be; connstorm's own samples are in every run. */
  get hasProbes(): boolean {
    return this.#states.size > 0 || this.#samples.some(({ probe }) => probe !== 'generator');
  }

  /** Those of a probe whose middle lies in the time given. */
  during<Probe extends SampleRecord['probe']>(
    probe: Probe,
    { fromUs, toUs }: { fromUs: number; toUs: number },
  ): SampleOf<Probe>[] {
    return this.#samples.filter((sample): sample is SampleOf<Probe> => {
      const middleUs = sample.atUs - sample.elapsedUs / 2;
      return sample.probe === probe && middleUs >= fromUs && middleUs < toUs;
    });
  }

  /** Why a probe does not work; undefined where it does, or nothing was said. */
  whyOff(probe: ProbeRecord['probe']): string | undefined {
    const state = this.#states.get(probe);
    if (state?.state !== 'off' && state?.state !== 'lost') return undefined;
    return state.reason ?? state.state;
  }
}
