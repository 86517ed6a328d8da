import type { SampleRecord } from '../../result/records/samples.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import { HostFold, type HostStretch } from './host-fold.ts';
import { isBoundByQuota, takenOf } from './host-shares.ts';

/**
 * CPU that others took and the target needed. Times are integer microseconds; shares are of all CPUs of the target's
 * host, 0 to 1.
 */
export interface Disturbance {
  /** Time in which the host was seen, and the part of it in which others took a tenth or more. */
  seenUs: number;
  disturbedUs: number;
  /** The share that they took in that time: the mean, and the highest in about half a second. */
  meanShare: number;
  mostShare: number;
  /** Part of what they took that a hypervisor gave to other machines, 0 to 1. */
  stolenShare: number;
  /** Part of that time in which a quota of CPU was used up, 0 to 1. */
  quotaShare: number;
  /** The longest disturbances, in order of time, since the T0 of the run or leg. */
  when: readonly { fromUs: number; toUs: number }[];
}

/** On every machine others take a smaller share of all CPUs for half a second. */
const DISTURBING_SHARE = 0.1;
/** Disturbances count only if together they last at least this long and at least this share of the run. */
const SHORTEST_US = 1_000_000;
const SMALLEST_SHARE = 0.02;
/** Two disturbed stretches with at most this time between them count as one. */
const GAP_US = 1_000_000;
const MOST_TOLD = 5;
const MOST_KEPT = 500;

/**
 * Finds from a run's samples when others took the CPU of the target's host. Without samples of the host it finds
 * nothing.
 */
export class DisturbanceFold {
  #host = new HostFold();
  readonly #sum = { seenUs: 0, disturbedUs: 0, quotaUs: 0, takenUs: 0, stolenUs: 0, mostShare: 0 };
  readonly #when: { fromUs: number; toUs: number }[] = [];

  /** Begins a leg, so that no sample is compared with one of the leg before. Called before its samples are added. */
  openLeg(): void {
    this.#addAll(this.#host.rest());
    this.#host = new HostFold();
  }

  add(sample: SampleRecord): void {
    this.#host.add(sample);
    this.#addAll(this.#host.take());
  }

  /** Returns undefined if others took too little to matter. */
  summarise(): Disturbance | undefined {
    this.#addAll(this.#host.rest());
    this.#host = new HostFold();
    const { seenUs, disturbedUs, quotaUs, takenUs, stolenUs, mostShare } = this.#sum;
    if (disturbedUs < Math.max(SHORTEST_US, SMALLEST_SHARE * seenUs)) return undefined;
    return {
      seenUs,
      disturbedUs,
      meanShare: takenUs / disturbedUs,
      mostShare,
      stolenShare: stolenUs / takenUs,
      quotaShare: quotaUs / disturbedUs,
      when: pickLongest(this.#when),
    };
  }

  #addAll(stretches: readonly HostStretch[]): void {
    for (const stretch of stretches) this.#addStretch(stretch);
  }

  #addStretch(stretch: HostStretch): void {
    const { fromUs, toUs, elapsedUs, stolen } = stretch;
    const share = takenOf(stretch);
    this.#sum.seenUs += elapsedUs;
    if (share < DISTURBING_SHARE) return;
    this.#sum.disturbedUs += elapsedUs;
    this.#sum.takenUs += share * elapsedUs;
    const isQuota = isBoundByQuota(stretch);
    this.#sum.stolenUs += isQuota ? 0 : stolen * elapsedUs;
    this.#sum.quotaUs += isQuota ? elapsedUs : 0;
    this.#sum.mostShare = Math.max(this.#sum.mostShare, share);
    const last = this.#when.at(-1);
    const isNext = last !== undefined && fromUs >= last.toUs && fromUs - last.toUs <= GAP_US;
    if (isNext) last.toUs = toUs;
    else if (this.#when.length < MOST_KEPT) this.#when.push({ fromUs, toUs });
  }
}

function pickLongest(when: readonly { fromUs: number; toUs: number }[]) {
  const length = ({ fromUs, toUs }: { fromUs: number; toUs: number }): number => toUs - fromUs;
  const longest = [...when].sort((a, b) => length(b) - length(a)).slice(0, MOST_TOLD);
  return when.filter((it) => longest.includes(it));
}

/**
 * Returns the warning for a run that others disturbed: how much they took, and when. `isOneLeg`: the times count from
 * the run's T0, so the message contains them.
 */
export function warnOfDisturbance(
  disturbance: Disturbance | undefined,
  { isOneLeg }: { isOneLeg: boolean },
): Reason[] {
  if (disturbance === undefined) return [];
  const { seenUs, disturbedUs, meanShare, mostShare, stolenShare, quotaShare, when } = disturbance;
  const who = stolenShare > 0.5 ? 'other machines (steal)' : 'other processes';
  const what = quotaShare > 0.5 ? 'CPU quota that the target shares' : "target's host's CPU";
  const spans = when.map(describeSpan).join(', ');
  const times = isOneLeg && spans !== '' ? ` (at ${spans} s)` : '';
  return [
    {
      code: 'DISTURBED',
      message:
        `${who} took ${percent(meanShare)} of the ${what} in ${seconds(disturbedUs)} of ${seconds(seenUs)} s${times}, ` +
        `at most ${percent(mostShare)} in one second: run it when nothing else needs the machine`,
    },
  ];
}

/** Returns the whole seconds around it. Samples may reach back to before the load. */
function describeSpan({ fromUs, toUs }: { fromUs: number; toUs: number }): string {
  return `${Math.max(0, Math.floor(fromUs / 1e6))}-${Math.ceil(toUs / 1e6)}`;
}

function seconds(us: number): string {
  return (us / 1e6).toFixed(0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}
