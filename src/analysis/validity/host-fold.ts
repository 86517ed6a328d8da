import type { GeneratorSample, HostSample, SampleRecord } from '../../result/records/samples.ts';
import type { HostShares, QuotaShares } from './host-shares.ts';

/** Shares of the CPU time of the target's host in a stretch of time. Times are microseconds since T0. */
export interface HostStretch extends HostShares {
  fromUs: number;
  toUs: number;
}

/** Shorter stretches would be mostly rounding error: the system counts CPU time in ticks of 10 ms. */
const SHORTEST_US = 450_000;

/** Sums of host samples until one of them has the server's own CPU time. */
interface Pending {
  fromUs: number;
  toUs: number;
  totalUs: number;
  idleUs: number;
  stolenUs: number;
  serverUs: number;
  isTold: boolean;
  throttledUs: number;
  /** CPU time of the control group that the server and connstorm share; 0 if they share none. */
  groupUs: number;
}

/**
 * Finds how the CPU of the target's host was shared, from the samples of its probe and of connstorm itself, as they
 * come. Others had what was busy minus the server, connstorm and the probed pooler. Without host samples there are no
 * stretches.
 */
export class HostFold {
  readonly #stretches: HostStretch[] = [];
  readonly #own = new Running();
  readonly #pooler = new Running();
  readonly #waiting: Pending[] = [];
  #pending: Pending | undefined;

  add(sample: SampleRecord): void {
    if (sample.probe === 'generator') this.#addOwn(sample);
    else if (sample.probe === 'pooler') this.#pooler.add(sample, sample.cpuUs ?? 0);
    else if (sample.probe === 'host') this.#addHost(sample);
  }

  /** Returns the stretches that overlap the given time, each cut to it, in order of time. */
  between(fromUs: number, toUs: number): HostStretch[] {
    const known = [...this.#stretches, ...this.rest()];
    return known.flatMap((stretch) => {
      const cut = { fromUs: Math.max(fromUs, stretch.fromUs), toUs: Math.min(toUs, stretch.toUs) };
      const elapsedUs = cut.toUs - cut.fromUs;
      return elapsedUs > 0 ? [{ ...stretch, ...cut, elapsedUs }] : [];
    });
  }

  /** Returns the stretches whose samples are complete, and removes them. */
  take(): HostStretch[] {
    return this.#stretches.splice(0);
  }

  /** Returns the stretches that still wait for connstorm's next sample, by its last one. */
  rest(): HostStretch[] {
    return this.#waiting.map((it) => this.#settle(it));
  }

  #addOwn(sample: GeneratorSample): void {
    this.#own.add(sample, sample.cpuUs);
    while ((this.#waiting[0]?.toUs ?? Number.POSITIVE_INFINITY) <= sample.atUs) {
      const first = this.#waiting.shift();
      if (first !== undefined) this.#stretches.push(this.#settle(first));
    }
  }

  #addHost({ atUs, elapsedUs, cpu, serverCpuUs, throttledUs, groupCpuUs }: HostSample): void {
    if (cpu === undefined) return;
    const pending = this.#pending ?? startAt(atUs - elapsedUs);
    pending.toUs = atUs;
    pending.totalUs += cpu.totalUs;
    pending.idleUs += cpu.idleUs;
    pending.stolenUs += cpu.stolenUs;
    pending.serverUs += serverCpuUs ?? 0;
    pending.throttledUs += throttledUs ?? 0;
    pending.groupUs += groupCpuUs ?? 0;
    pending.isTold = serverCpuUs !== undefined;
    const isWhole = pending.isTold && atUs - pending.fromUs >= SHORTEST_US && pending.totalUs > 0;
    this.#pending = isWhole ? undefined : pending;
    if (isWhole) this.#waiting.push(pending);
  }

  #settle(pending: Pending): HostStretch {
    const { fromUs, toUs, totalUs, idleUs, stolenUs, serverUs } = pending;
    const ownUs = this.#own.between(fromUs, toUs) + this.#pooler.between(fromUs, toUs);
    const knownUs = serverUs + ownUs;
    const othersUs = totalUs - idleUs - stolenUs - knownUs;
    return {
      fromUs,
      toUs,
      elapsedUs: toUs - fromUs,
      idle: idleUs / totalUs,
      stolen: stolenUs / totalUs,
      others: othersUs / totalUs,
      ...describeQuota(pending, knownUs),
    };
  }
}

/**
 * Returns the figures of the shared quota, if there is one. `knownUs`: CPU time of the server, connstorm and the probed
 * pooler.
 */
function describeQuota(
  { fromUs, toUs, throttledUs, groupUs }: Pending,
  knownUs: number,
): { quota?: QuotaShares } {
  if (groupUs <= 0) return {};
  const throttled = throttledUs / (toUs - fromUs);
  return { quota: { throttled, others: (groupUs - knownUs) / groupUs } };
}

function startAt(fromUs: number): Pending {
  const sums = { totalUs: 0, idleUs: 0, stolenUs: 0, serverUs: 0, throttledUs: 0, groupUs: 0 };
  return { fromUs, toUs: fromUs, ...sums, isTold: false };
}

/** Number of samples kept. They reach further back than any stretch that is still to be settled. */
const KEPT_POINTS = 64;

/**
 * A quantity that is recorded as differences, each spread evenly over its time. It computes how much falls between two
 * moments.
 */
class Running {
  readonly #parts: { fromUs: number; toUs: number; amount: number }[] = [];

  add({ atUs, elapsedUs }: { atUs: number; elapsedUs: number }, amount: number): void {
    this.#parts.push({ fromUs: atUs - elapsedUs, toUs: atUs, amount });
    if (this.#parts.length > KEPT_POINTS) this.#parts.shift();
  }

  /** Returns the amount. The rate of the last sample goes on after it. */
  between(fromUs: number, toUs: number): number {
    const last = this.#parts.at(-1);
    return this.#parts.reduce((sum, part) => {
      const endUs = part === last ? Math.max(part.toUs, toUs) : part.toUs;
      const overlapUs = Math.min(toUs, endUs) - Math.max(fromUs, part.fromUs);
      const lengthUs = part.toUs - part.fromUs;
      return overlapUs <= 0 || lengthUs <= 0 ? sum : sum + (part.amount * overlapUs) / lengthUs;
    }, 0);
  }
}
