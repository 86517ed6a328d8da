import { Histogram, rankOf } from '../../model/histogram.ts';
import { ARRIVAL_SECOND_US, type ArrivalSecond } from '../../model/recovery.ts';
import type { Recovered } from '../../result/records/recovery.ts';
import { SECONDS_BEFORE } from './seconds-before.ts';

/** A second with fewer arrivals says too little. */
const FEWEST_IN_SECOND = 20;
/** Fewer arrivals before the disturbance are no measure of what is usual. */
const FEWEST_BEFORE = 100;
/** Good seconds in a row that make a recovery. */
const GOOD_IN_A_ROW = 3;
/** How many times as long as before the p90 of a good second may be. */
const MOST_TIMES_AS_SLOW = 2;

/** The times of a disturbance, and the end of the load. Microseconds since T0. */
export interface Disturbed {
  fromUs: number;
  /** When what disturbed had ended. */
  toUs: number;
  /** When the first disturbance of the leg began. What was usual is measured before it. */
  firstFromUs: number;
  ranUntilUs: number;
}

/** The latency of one leg's arrivals by the second in which they were due. Those without latency rank as slow. */
export class ArrivalLog {
  readonly #seconds = new Map<number, { due: number; latency: Histogram }>();

  add(seconds: readonly ArrivalSecond[]): void {
    for (const { fromUs, due, latency } of seconds) {
      const known = this.#seconds.get(fromUs) ?? { due: 0, latency: new Histogram() };
      known.due += due;
      known.latency.add(Histogram.decode(latency));
      this.#seconds.set(fromUs, known);
    }
  }

  /** Returns when the arrivals were served as before. */
  findRecovered({ fromUs, toUs, firstFromUs, ranUntilUs }: Disturbed): Recovered {
    if (this.#seconds.size === 0) return cannot(NO_SCHEDULE);
    const before = this.#measureBefore(firstFromUs);
    if (typeof before === 'string') return cannot(before);
    const { p90Us: beforeP90Us } = before;
    const isGood = (secondUs: number): boolean => this.#isGood(secondUs, beforeP90Us);
    const lastUs = Math.floor(ranUntilUs / ARRIVAL_SECOND_US - GOOD_IN_A_ROW) * ARRIVAL_SECOND_US;
    const firstUs = Math.ceil(fromUs / ARRIVAL_SECOND_US) * ARRIVAL_SECOND_US;
    if (lastUs < firstUs || lastUs + ARRIVAL_SECOND_US <= toUs) {
      return cannot(`the load ended less than ${GOOD_IN_A_ROW} whole seconds later`);
    }
    const withinUs = Math.floor(fromUs / ARRIVAL_SECOND_US) * ARRIVAL_SECOND_US;
    let good = 0;
    let isSlow = !isGood(withinUs);
    for (let secondUs = firstUs; secondUs < lastUs + SPAN_US; secondUs += ARRIVAL_SECOND_US) {
      isSlow ||= !isGood(secondUs);
      // A second that has passed before the end of the disturbance shows nothing of what follows.
      good = secondUs + ARRIVAL_SECOND_US > toUs && isGood(secondUs) ? good + 1 : 0;
      if (good < GOOD_IN_A_ROW) continue;
      if (!isSlow) return { kind: 'never-slow', beforeP90Us };
      const backUs = secondUs - (GOOD_IN_A_ROW - 1) * ARRIVAL_SECOND_US;
      return { kind: 'recovered', afterUs: backUs - fromUs, beforeP90Us };
    }
    const mostDue = this.#findMostDue(firstUs, lastUs + SPAN_US);
    if (mostDue < FEWEST_IN_SECOND) {
      return cannot(`it needs ${FEWEST_IN_SECOND} arrivals a second, and there were ${mostDue}`);
    }
    return { kind: 'not-recovered', forUs: ranUntilUs - fromUs, beforeP90Us };
  }

  /** Returns the p90 of the arrivals before `untilUs`, or why there is none. */
  #measureBefore(untilUs: number): { p90Us: number } | string {
    const latency = new Histogram();
    let due = 0;
    const before = [...this.#seconds]
      .filter(([fromUs]) => fromUs + ARRIVAL_SECOND_US <= untilUs)
      .sort(([a], [b]) => b - a);
    for (const [fromUs, second] of before) {
      if (due >= FEWEST_BEFORE && fromUs < untilUs - SECONDS_BEFORE * ARRIVAL_SECOND_US) break;
      latency.add(second.latency);
      due += second.due;
    }
    if (due < FEWEST_BEFORE) {
      return `it needs ${FEWEST_BEFORE} arrivals in whole seconds before the first disturbance, and there were ${due}`;
    }
    const p90Us = findP90(due, latency);
    return p90Us === undefined
      ? 'more than a tenth of the arrivals before were not connected'
      : { p90Us };
  }

  #isGood(fromUs: number, beforeP90Us: number): boolean {
    const second = this.#seconds.get(fromUs);
    if (second === undefined || second.due < FEWEST_IN_SECOND) return false;
    const p90Us = findP90(second.due, second.latency);
    return p90Us !== undefined && p90Us <= MOST_TIMES_AS_SLOW * beforeP90Us;
  }

  #findMostDue(fromUs: number, toUs: number): number {
    const within = [...this.#seconds].filter(([us]) => us >= fromUs && us < toUs);
    return within.reduce((most, [, { due }]) => Math.max(most, due), 0);
  }
}

const SPAN_US = GOOD_IN_A_ROW * ARRIVAL_SECOND_US;
const NO_SCHEDULE =
  'it shows in the latency of arrivals, and the clients of a closed loop have none';

function cannot(reason: string): Recovered {
  return { kind: 'not-measurable', reason };
}

/** Returns the latency of rank 0.9 among `due` arrivals; undefined if that one has none. */
function findP90(due: number, latency: Histogram): number | undefined {
  const rank = rankOf(0.9, due);
  return rank <= latency.count ? latency.valueAtRank(rank) : undefined;
}
