import type { GeneratorSample } from '../../result/records/samples.ts';

/** The CPU time of connstorm's own host, and what connstorm's process took of it, in microseconds. */
export class GeneratorCpu {
  #ownUs = 0;
  #busyUs = 0;
  #totalUs = 0;

  add({ cpuUs, hostBusyUs, hostTotalUs }: GeneratorSample): void {
    this.#ownUs += cpuUs;
    this.#busyUs += hostBusyUs;
    this.#totalUs += hostTotalUs;
  }

  /** Of connstorm's process; 0 without samples. */
  get ownUs(): number {
    return this.#ownUs;
  }

  /** Shares of all CPUs of the host; null without samples. */
  summarise(): { cpuShare: number; hostBusyShare: number } | null {
    if (this.#totalUs === 0) return null;
    return { cpuShare: this.#ownUs / this.#totalUs, hostBusyShare: this.#busyUs / this.#totalUs };
  }
}
