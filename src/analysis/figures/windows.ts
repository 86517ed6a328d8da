import type { HeaderRecord } from '../../result/records/header.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { WindowSummary } from '../../result/records/summary-figures.ts';
import { perSecond, ranWithin } from './per-second.ts';
import { decodeHistograms, Tally } from './tally.ts';

/** Enough rows to show when something happened, and few enough to read. */
const MOST_WINDOWS = 10;
const SECOND_US = 1_000_000;

const METRICS = ['latency', 'censoredLatency', 'serviceTime', 'censoredServiceTime'] as const;

/** Moments at which arrivals ended and at which the last connection ended, for each leg. */
export interface LegTimes {
  ranUntilUs: readonly number[];
  endedUs: readonly number[];
}

interface Window {
  tally: Tally;
  fromUs: number;
  toUs: number;
}

/**
 * Divides a load of one step into at most ten windows of equal length, in whole seconds. What ended after the load is
 * one more window. Attempts are assigned by the moment they ended: one that waited for a stall to pass is in the window
 * in which the stall ended.
 */
export class WindowsFold {
  readonly #widthUs: number;
  readonly #durationUs: number;
  readonly #windows: Window[] = [];

  private constructor(durationUs: number) {
    this.#durationUs = durationUs;
    this.#widthUs = Math.ceil(durationUs / MOST_WINDOWS / SECOND_US) * SECOND_US;
  }

  /** Returns undefined for a load that has steps already, and for a herd, which is over at once. */
  static of({ plan }: Pick<HeaderRecord, 'plan'>): WindowsFold | undefined {
    const { steps, blocks, executor, durationUs, search } = plan;
    const isHerd = (blocks?.[0]?.executor ?? executor) === 'burst';
    const isOneStep = search === undefined && steps.length === 1;
    return isOneStep && !isHerd ? new WindowsFold(durationUs) : undefined;
  }

  add(interval: IntervalRecord, isClosed: boolean): void {
    const window = this.#at(interval.fromUs);
    window.toUs = Math.max(window.toUs, interval.toUs);
    for (const part of interval.steps) {
      window.tally.add(part, decodeHistograms(part.histograms), isClosed);
    }
  }

  /**
   * Returns the windows in the order of time; an empty list if a single one would repeat the figures of the whole run.
   */
  summarise(isClosed: boolean, legs: LegTimes): WindowSummary[] {
    // Creates the windows at the end of the load in which nothing ended.
    const loadUs = Math.min(this.#durationUs, Math.max(0, ...legs.ranUntilUs));
    if (this.#windows.length > 0 && loadUs > 0) this.#at(loadUs - 1);
    const loaded = this.#windows.filter(({ fromUs }) => fromUs < loadUs);
    const drained = mergeDrained(this.#windows.filter(({ fromUs }) => fromUs >= loadUs));
    const windows = [
      ...loaded.map((window) => this.#summarise(window, isClosed, legs)),
      ...drained.map((window) => summariseDrained(window, isClosed, legs)),
    ];
    return windows.length < 2 ? [] : windows;
  }

  /**
   * Records end with the last connection, the load's time may end later. A rate is over as much of the window's planned
   * length as ran.
   */
  #summarise(window: Window, isClosed: boolean, { ranUntilUs, endedUs }: LegTimes): WindowSummary {
    const { fromUs, tally } = window;
    const plannedUs = Math.min(fromUs + this.#widthUs, this.#durationUs);
    const untilUs = endedUs.map((us, leg) => Math.max(us, ranUntilUs[leg] ?? 0));
    const toUs = Math.min(plannedUs, Math.max(...untilUs));
    const { due, ok } = tally.counts;
    return {
      fromUs,
      toUs,
      ...(Math.max(...ranUntilUs) < plannedUs ? { partial: true } : {}),
      ...(isClosed
        ? {}
        : { offeredPerSecond: perSecond(due, ranWithin({ fromUs, toUs }, ranUntilUs)) }),
      achievedPerSecond: perSecond(ok, ranWithin({ fromUs, toUs }, untilUs)),
      ...describeEnded(tally, isClosed),
    };
  }

  #at(us: number): Window {
    const last = Math.ceil(this.#durationUs / this.#widthUs);
    const number = us >= this.#durationUs ? last : Math.floor(us / this.#widthUs);
    while (this.#windows.length <= number) {
      const fromUs = Math.min(this.#windows.length * this.#widthUs, this.#durationUs);
      this.#windows.push({ tally: new Tally(METRICS), fromUs, toUs: fromUs });
    }
    const window = this.#windows[number];
    if (window === undefined) throw new RangeError(`there is no window at ${us} µs`);
    return window;
  }
}

/** Returns what ended after the load, in one window; an empty list if nothing did. */
function mergeDrained(windows: readonly Window[]): Window[] {
  const tally = new Tally(METRICS);
  for (const window of windows) tally.merge(window.tally);
  const { started, ok, failed, abandoned } = tally.counts;
  if (started + ok + failed + abandoned === 0) return [];
  const fromUs = Math.min(...windows.map((window) => window.fromUs));
  return [{ tally, fromUs, toUs: Math.max(...windows.map(({ toUs }) => toUs)) }];
}

/** Returns the window after the load, in which nothing is offered. */
function summariseDrained(
  { fromUs, toUs, tally }: Window,
  isClosed: boolean,
  { endedUs }: LegTimes,
): WindowSummary {
  return {
    fromUs,
    toUs,
    drain: true,
    ...(isClosed ? {} : { offeredPerSecond: 0 }),
    achievedPerSecond: perSecond(tally.counts.ok, ranWithin({ fromUs, toUs }, endedUs)),
    ...describeEnded(tally, isClosed),
  };
}

function describeEnded(
  tally: Tally,
  isClosed: boolean,
): Omit<WindowSummary, 'fromUs' | 'toUs' | 'achievedPerSecond'> {
  const { ok, failed, abandoned, dropped } = tally.counts;
  return {
    ok,
    failed: failed - tally.passedOn,
    ...(abandoned === 0 ? {} : { abandoned }),
    dropped,
    ...(isClosed
      ? { serviceTime: tally.summarise('serviceTime', 0) }
      : { latency: tally.summarise('latency', 0) }),
  };
}
