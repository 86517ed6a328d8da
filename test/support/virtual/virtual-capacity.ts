import { createRandom } from '../../../src/scenario/plan/random.ts';

/** What changes the capacity of a virtual server while a search goes on. Every part is optional; without any it stays as it is. */
export interface Changes {
  /** The server stands still: so many times a second, each so long. */
  stalls?: { perSecond: number; lengthS: number };
  /** The time of a connect grows by this share over so many seconds, or shrinks where it is below 0. */
  drift?: { share: number; overS: number };
  /** From a moment on the server does so much of what it did before. */
  step?: { atS: number; factor: number };
  /** Other work takes a share of the host's CPU, up to `most`, in bursts and with pauses of a random length each. */
  neighbour?: {
    most: number;
    burstS: readonly [number, number];
    pauseS: readonly [number, number];
  };
}

/** A stretch of time in which the capacity is the same. */
export interface Stretch {
  fromS: number;
  toS: number;
  /** Connects a second. */
  perSecond: number;
  /** Share of the host's CPU that the neighbour takes, 0 to 1. */
  takenShare: number;
}

/** A drift is a staircase of so many steps a second. */
const DRIFT_STEPS_PER_SECOND = 4;

/** The capacity of a virtual server over time, by its seed; stretches are made as they are asked for. */
export class VirtualCapacity {
  readonly #perSecond: number;
  readonly #changes: Changes;
  readonly #random: () => number;
  readonly #stretches: Stretch[] = [];
  #stall = { fromS: Number.POSITIVE_INFINITY, toS: Number.POSITIVE_INFINITY };
  #burst = { share: 0, toS: Number.POSITIVE_INFINITY };
  #at = 0;

  /** `perSecond`: what it is when nothing has changed it yet. */
  constructor(perSecond: number, changes: Changes, seed: number) {
    this.#perSecond = perSecond;
    this.#changes = changes;
    this.#random = createRandom(seed);
    this.#stall = this.#drawStall(0);
    if (changes.neighbour !== undefined) this.#burst = { share: 0, toS: this.#random() * 5 };
  }

  /** The stretch that holds a moment. */
  at(atS: number): Stretch {
    let last = this.#stretches.at(-1);
    while (last === undefined || last.toS <= atS) last = this.#extend(last?.toS ?? 0);
    // Moments that are asked for go forwards, but for a look back now and then.
    let index = Math.min(this.#at, this.#stretches.length - 1);
    while ((this.#stretches[index]?.fromS ?? 0) > atS) index--;
    while ((this.#stretches[index]?.toS ?? Number.POSITIVE_INFINITY) <= atS) index++;
    this.#at = index;
    return this.#stretches[index] ?? last;
  }

  /** All stretches up to a moment. */
  until(toS: number): Stretch[] {
    this.at(toS);
    return this.#stretches.filter(({ fromS }) => fromS < toS);
  }

  /** Connects a second between two moments, in the mean. */
  meanPerSecond(fromS: number, toS: number): number {
    return this.#integrate(fromS, toS, ({ perSecond }) => perSecond);
  }

  /** The share that the neighbour takes between two moments, in the mean. */
  meanTaken(fromS: number, toS: number): number {
    return this.#integrate(fromS, toS, ({ takenShare }) => takenShare);
  }

  #integrate(fromS: number, toS: number, value: (stretch: Stretch) => number): number {
    let sum = 0;
    for (let atS = fromS; atS < toS; ) {
      const stretch = this.at(atS);
      const endS = Math.min(toS, stretch.toS);
      sum += value(stretch) * (endS - atS);
      atS = endS;
    }
    return sum / (toS - fromS);
  }

  #extend(fromS: number): Stretch {
    if (fromS >= this.#burst.toS) this.#drawBurst(fromS);
    if (fromS >= this.#stall.toS) this.#stall = this.#drawStall(fromS);
    const { drift, step } = this.#changes;
    const isStalled = fromS >= this.#stall.fromS;
    const ends = [
      this.#burst.toS,
      isStalled ? this.#stall.toS : this.#stall.fromS,
      ...(step !== undefined && fromS < step.atS ? [step.atS] : []),
      ...(drift !== undefined && fromS < drift.overS ? [fromS + 1 / DRIFT_STEPS_PER_SECOND] : []),
    ];
    const { share } = this.#burst;
    const slower = drift === undefined ? 1 : 1 + drift.share * Math.min(1, fromS / drift.overS);
    const stepped = step !== undefined && fromS >= step.atS ? step.factor : 1;
    const perSecond = isStalled ? 0 : (this.#perSecond * stepped * (1 - share)) / slower;
    const stretch = { fromS, toS: Math.min(...ends), perSecond, takenShare: share };
    this.#stretches.push(stretch);
    return stretch;
  }

  #drawStall(fromS: number) {
    const { stalls } = this.#changes;
    if (stalls === undefined) {
      return { fromS: Number.POSITIVE_INFINITY, toS: Number.POSITIVE_INFINITY };
    }
    const beginS = fromS - Math.log(1 - this.#random()) / stalls.perSecond;
    return { fromS: beginS, toS: beginS + stalls.lengthS };
  }

  /** Bursts and pauses take turns. */
  #drawBurst(fromS: number): void {
    const { neighbour } = this.#changes;
    if (neighbour === undefined) return;
    const isOver = this.#burst.share > 0;
    const [least, most] = isOver ? neighbour.pauseS : neighbour.burstS;
    const toS = fromS + least + (most - least) * this.#random();
    this.#burst = { share: isOver ? 0 : neighbour.most * this.#random(), toS };
  }
}
