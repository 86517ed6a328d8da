import type { GeneratorSample } from '../../result/records/samples.ts';

/** Adds up the CPU time of connstorm's own host, and of connstorm's process, in microseconds. */
export class GeneratorCpu {
  #ownUs = 0;
  #busyUs = 0;
  #totalUs = 0;

  add({ cpuUs, hostBusyUs, hostTotalUs }: GeneratorSample): void {
    this.#ownUs += cpuUs;
    this.#busyUs += hostBusyUs;
    this.#totalUs += hostTotalUs;
  }

  /** CPU time of connstorm's process; 0 without samples. */
  get ownUs(): number {
    return this.#ownUs;
  }

  /** Returns shares of all CPUs of the host; null without samples. */
  summarise(): { cpuShare: number; hostBusyShare: number } | null {
    if (this.#totalUs === 0) return null;
    return { cpuShare: this.#ownUs / this.#totalUs, hostBusyShare: this.#busyUs / this.#totalUs };
  }
}
