import type { SampleRecord } from '../result/samples.ts';
import type { Reason } from '../result/summary-records.ts';
import { HostFold, type HostStretch } from './host-fold.ts';
import { takenOf } from './host-shares.ts';

/** Others took CPU that the target needed. Times are integer microseconds; shares are of all CPUs of its host, 0 to 1. */
export interface Disturbance {
  /** How long the host was seen, and for how long of it others took a tenth or more. */
  seenUs: number;
  disturbedUs: number;
  /** What they took while they did, in the mean, and in the worst stretch of half a second or so. */
  meanShare: number;
  mostShare: number;
  /** Of what they took: what a hypervisor gave to other machines. */
  stolenShare: number;
  /** When, the longest ones, in the order of time since the T0 of the run or of its leg. */
  when: readonly { fromUs: number; toUs: number }[];
}

/** Of all CPUs: less in half a second is also what every machine does beside its work. */
const DISTURBING_SHARE = 0.1;
/** A shorter time altogether, or a smaller part of the run, is a hiccup. */
const SHORTEST_US = 1_000_000;
const SMALLEST_SHARE = 0.02;
/** Disturbed stretches with no more than this between them are told as one. */
const GAP_US = 1_000_000;
const MOST_TOLD = 5;
const MOST_KEPT = 500;

/** Who took the CPU of the target's host in a run, from its samples; nothing where the host is not seen. */
export class DisturbanceFold {
  #host = new HostFold();
  readonly #sum = { seenUs: 0, disturbedUs: 0, takenUs: 0, stolenUs: 0, mostShare: 0 };
  readonly #when: { fromUs: number; toUs: number }[] = [];

  /** Samples of another leg follow: nothing reaches across. */
  openLeg(): void {
    this.#addAll(this.#host.rest());
    this.#host = new HostFold();
  }

  add(sample: SampleRecord): void {
    this.#host.add(sample);
    this.#addAll(this.#host.take());
  }

  /** undefined where others took too little to matter. */
  summarise(): Disturbance | undefined {
    this.#addAll(this.#host.rest());
    this.#host = new HostFold();
    const { seenUs, disturbedUs, takenUs, stolenUs, mostShare } = this.#sum;
    if (disturbedUs < Math.max(SHORTEST_US, SMALLEST_SHARE * seenUs)) return undefined;
    return {
      seenUs,
      disturbedUs,
      meanShare: takenUs / disturbedUs,
      mostShare,
      stolenShare: stolenUs / takenUs,
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
    this.#sum.stolenUs += stolen * elapsedUs;
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

/** The warning of a run that others disturbed: who took how much, and when. `isOneLeg`: times are since its T0. */
export function warnOfDisturbance(
  disturbance: Disturbance | undefined,
  { isOneLeg }: { isOneLeg: boolean },
): Reason[] {
  if (disturbance === undefined) return [];
  const { seenUs, disturbedUs, meanShare, mostShare, stolenShare, when } = disturbance;
  const who = stolenShare > 0.5 ? 'other machines (steal)' : 'other processes';
  const spans = when.map(({ fromUs, toUs }) => `${seconds(fromUs)}-${seconds(toUs)}`).join(', ');
  const times = isOneLeg && spans !== '' ? ` (at ${spans} s)` : '';
  return [
    {
      code: 'DISTURBED',
      message:
        `${who} took ${percent(meanShare)} of the target's host's CPU in ${seconds(disturbedUs)} of ${seconds(seenUs)} s${times}, ` +
        `${percent(mostShare)} at the most: run it when nothing else needs the machine`,
    },
  ];
}

function seconds(us: number): string {
  return (us / 1e6).toFixed(0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}
