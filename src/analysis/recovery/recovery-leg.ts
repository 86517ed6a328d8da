import type { ReconnectStorm } from '../../model/ledgers.ts';
import { ReconnectStorms } from '../../model/reconnects.ts';
import type { EventSummary } from '../../result/records/events.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type {
  AllBack,
  DisturbanceCause,
  Recovered,
  RecoverySummary,
} from '../../result/records/recovery.ts';
import type { HostSample } from '../../result/records/samples.ts';
import { ArrivalLog } from './arrival-log.ts';
import { GapLog } from './gap-log.ts';
import { findOutage } from './outage.ts';
import { type BriefInterval, sumErrors, TouchedIntervals } from './touched-intervals.ts';
import { countWastedForks, type QueueSample, readQueue } from './wasted-forks.ts';

/** Something that disturbed the target. */
interface Disturbance {
  cause: DisturbanceCause;
  fromUs: number;
  /** When what disturbed had ended. */
  toUs: number;
  /** Only of a restart: when the old postmaster had ended. */
  stoppedUs?: number;
  /** Where its time ends at the latest, if neither arrivals nor sessions show an end. */
  limitUs: number;
}

/** What the summary of a leg needs beside its own records. */
export interface LegContext {
  /** Those of this leg. */
  events: readonly EventSummary[];
  ranUntilUs: number;
  isPooled: boolean;
}

const SECOND_US = 1_000_000;
/** A single session that is cut is no disturbance. */
const FEWEST_CUT = 2;
/** Samples of the host that are kept while nothing is disturbed. */
const SAMPLES_KEPT = 100;

/** The records of one leg from which it follows how the target came through its disturbances. */
export class RecoveryLeg {
  readonly round: number;
  readonly #gaps = new GapLog();
  readonly #arrivals = new ArrivalLog();
  readonly #intervals = new TouchedIntervals();
  readonly #storms = new ReconnectStorms();
  #queue: QueueSample[] = [];
  #isDisturbed = false;

  constructor(round: number) {
    this.round = round;
  }

  noteEvent(): void {
    this.#isDisturbed = true;
  }

  addInterval(interval: IntervalRecord): void {
    const { recovery, reconnects = [] } = interval;
    if (recovery !== undefined) {
      this.#isDisturbed = true;
      this.#gaps.add(recovery);
      this.#arrivals.add(recovery.arrivals ?? []);
    }
    for (const storm of reconnects) this.#storms.add(storm);
    this.#intervals.add(interval, this.#isDisturbed);
  }

  addSample(sample: HostSample): void {
    this.#queue.push(readQueue(sample));
    if (!this.#isDisturbed && this.#queue.length > 2 * SAMPLES_KEPT) {
      this.#queue = this.#queue.slice(-SAMPLES_KEPT);
    }
  }

  /** Returns the disturbances in the order of time. A file that lacks their figures has none. */
  summarise({ events, ranUntilUs, isPooled }: LegContext): RecoverySummary[] {
    if (!this.#isDisturbed) return [];
    const ofEvents = events.map((event) => describeEvent(event, ranUntilUs));
    const storms = this.#storms.list();
    const firstFromUs = Math.min(
      ...ofEvents.map(({ fromUs }) => fromUs),
      ...storms.filter(isOfMany).map(({ firstCutUs }) => firstCutUs),
    );
    const context = { firstFromUs, ranUntilUs, isPooled };
    const told = ofEvents.map((event) =>
      this.#summarise(event, { ...context, nextUs: findNext(ofEvents, event) }),
    );
    const cuts = storms
      .filter(isOfMany)
      .filter((storm) => !told.some((window) => isWithin(storm, window)))
      .map(describeCut);
    const ofCuts = cuts.map((cut) =>
      this.#summarise(cut, { ...context, nextUs: findNext(ofEvents, cut) }),
    );
    return [...told, ...ofCuts].sort((a, b) => a.fromUs - b.fromUs);
  }

  #summarise(
    disturbance: Disturbance,
    context: { firstFromUs: number; ranUntilUs: number; isPooled: boolean; nextUs: number },
  ): RecoverySummary {
    const { cause, fromUs, toUs, stoppedUs } = disturbance;
    const { firstFromUs, ranUntilUs, isPooled } = context;
    const recovered = this.#arrivals.findRecovered({ fromUs, toUs, firstFromUs, ranUntilUs });
    const { untilUs, allBack } = this.#findEnd(disturbance, recovered, context);
    const window = { fromUs, untilUs, firstFromUs, ranUntilUs };
    const touched = this.#intervals.listTouched(fromUs, untilUs);
    const servedUs = stoppedUs === undefined ? undefined : this.#gaps.findEnd(stoppedUs);
    const ended = touched.reduce((sum, interval) => sum + interval.ended, 0);
    const ok = touched.reduce((sum, interval) => sum + interval.ok, 0);
    return {
      cause,
      round: this.round,
      fromUs,
      untilUs,
      outage: findOutage(this.#gaps, this.#intervals, window),
      ...(servedUs === undefined ? {} : { servedAfterUs: servedUs - fromUs }),
      recovered,
      allBack,
      attempts: { ended, ok, perSuccess: ok === 0 ? null : ended / ok },
      peakInFlight: Math.max(0, ...touched.map(({ peakInFlight }) => peakInFlight)),
      errors: sumErrors(touched),
      wastedForks: countWastedForks(touched, this.#queue, { cause, isPooled }),
    };
  }

  /** Returns the end of the disturbance's time, and whether the sessions that were cut in it came back. */
  #findEnd(
    { fromUs, toUs, limitUs }: Disturbance,
    recovered: Recovered,
    { ranUntilUs, nextUs }: { ranUntilUs: number; nextUs: number },
  ): { untilUs: number; allBack: AllBack } {
    const shortestUs = Math.max(toUs, fromUs + SECOND_US);
    const endBy = (us: number): number => {
      return Math.min(Math.max(shortestUs, Math.min(us, nextUs)), ranUntilUs);
    };
    const servedUs = endBy(findServedUs(fromUs, recovered, ranUntilUs) ?? 0);
    const cuts = this.#storms
      .list()
      .filter((storm) => isWithin(storm, { fromUs, untilUs: servedUs }));
    const allBack = findAllBack(cuts, this.#intervals.listTouched(fromUs, servedUs));
    if (allBack.kind === 'back') {
      const backUs = Math.max(...cuts.map(({ endUs }) => endUs));
      return { untilUs: Math.max(servedUs, endBy(backUs)), allBack };
    }
    const isUnknown = recovered.kind === 'not-measurable' || allBack.kind === 'not-all-back';
    return { untilUs: isUnknown ? Math.max(servedUs, endBy(limitUs)) : servedUs, allBack };
  }
}

/** Returns when arrivals show that the load was served as before; undefined if they do not. */
function findServedUs(
  fromUs: number,
  recovered: Recovered,
  ranUntilUs: number,
): number | undefined {
  if (recovered.kind === 'recovered') return fromUs + recovered.afterUs;
  return recovered.kind === 'not-recovered' ? ranUntilUs : undefined;
}

function findAllBack(
  storms: readonly ReconnectStorm[],
  touched: readonly BriefInterval[],
): AllBack {
  const begun = touched.reduce((sum, { reconnects }) => sum + reconnects, 0);
  const ended = storms.reduce((sum, { cut }) => sum + cut, 0);
  const sessions = Math.max(begun, ended);
  const back = storms.reduce((sum, storm) => sum + storm.back, 0);
  if (sessions === 0) {
    return touched.some(({ cut }) => cut > 0)
      ? { kind: 'not-measurable', reason: 'clients do not reconnect without retry' }
      : { kind: 'none-cut' };
  }
  const firstUs = Math.min(...storms.map(({ firstCutUs }) => firstCutUs));
  if (back < sessions) {
    const known = storms.length === 0 ? {} : { firstCutUs: firstUs };
    return { kind: 'not-all-back', sessions, back, ...known };
  }
  const lastUs = Math.max(...storms.map(({ endUs }) => endUs));
  return { kind: 'back', sessions, afterUs: lastUs - firstUs };
}

function describeEvent(event: EventSummary, ranUntilUs: number): Disturbance {
  const { kind, index, fromUs, toUs = Math.max(event.fromUs, ranUntilUs), allowUntilUs } = event;
  const { stoppedUs } = event;
  return {
    cause: { kind: 'event', event: kind, index },
    fromUs,
    toUs,
    ...(stoppedUs === undefined ? {} : { stoppedUs }),
    limitUs: allowUntilUs,
  };
}

function describeCut({ cut, firstCutUs, lastCutUs, endUs }: ReconnectStorm): Disturbance {
  return {
    cause: { kind: 'cut', sessions: cut },
    fromUs: firstCutUs,
    toUs: lastCutUs,
    limitUs: endUs,
  };
}

function isOfMany({ cut }: ReconnectStorm): boolean {
  return cut >= FEWEST_CUT;
}

/** Returns whether some of the storm's cuts fell into the time. */
function isWithin(
  { firstCutUs, lastCutUs }: ReconnectStorm,
  { fromUs, untilUs }: { fromUs: number; untilUs: number },
): boolean {
  return firstCutUs < untilUs && lastCutUs >= fromUs;
}

/** Returns when the next event began; Infinity: none did. */
function findNext(events: readonly Disturbance[], { fromUs }: Disturbance): number {
  const later = events.map((event) => event.fromUs).filter((us) => us > fromUs);
  return Math.min(Number.POSITIVE_INFINITY, ...later);
}
