import { parseDuration } from '../duration.ts';
import type { NamedBlock } from '../schema/load-schema.ts';
import {
  buildClientPieces,
  buildPieces,
  type ClientPiece,
  type ClosedBlock,
  countArrivals,
  type Executor,
  isClosed,
  measureBlockUs,
  type OpenBlock,
  type PlannedBlock,
  type RatePiece,
} from './schedule.ts';
import type { StepRole } from './search-settings.ts';
import { cutSteps } from './steps.ts';

/** The plan of a block of load, as pure data. Times are integer microseconds since T0, unless a name says otherwise. */

export type Spacing = 'uniform' | 'poisson';

/**
 * A whole schedule. `createArrivals` (src/load/schedule/arrivals.ts) computes the same arrivals from it every time,
 * lazily.
 */
export interface ArrivalSchedule {
  /** Empty: all arrivals come at once. */
  pieces: RatePiece[];
  spacing: Spacing;
  seed: number;
  arrivalCount: number;
}

/** A range from which each think time is drawn evenly; both ends are included. */
export interface ThinkTime {
  minUs: number;
  maxUs: number;
}

/** The clients of a closed loop. Client k exists while the number of clients is above k. */
export interface ClientsPlan {
  pieces: ClientPiece[];
  /** The most clients at any time. */
  clientCount: number;
  think: ThinkTime;
  seed: number;
}

export type Pace =
  | { loop: 'open'; schedule: ArrivalSchedule }
  | { loop: 'closed'; clients: ClientsPlan };

export interface BlockPlan {
  /** `load`, if it is the only block. */
  name: string;
  executor: Executor;
  startUs: number;
  /** The end of arrivals, or of the clients' loops. */
  endUs: number;
  gracefulStopUs: number;
  /**
   * Whether it lasts until endUs even when nothing is left to begin, because connections are held, or cut and opened
   * again, or because events are still to come.
   */
  lastsUntilEnd: boolean;
  /** The scenario's caps, over all workers together. */
  maxInFlight: number | undefined;
  maxOpen: number | undefined;
  pace: Pace;
}

/** A window of a block that is judged on its own. An arrival belongs to the step that contains its moment. */
export interface Step {
  /** Counted from 0 across all blocks. */
  index: number;
  block: number;
  loop: 'open' | 'closed';
  fromUs: number;
  toUs: number;
  /** Only in an open loop: the offered rate at its start and end. */
  startRatePerSecond?: number;
  endRatePerSecond?: number;
  /** Only in a closed loop: the number of clients at its start and end. */
  startClients?: number;
  endClients?: number;
  /** The most clients at any time within it. */
  mostClients?: number;
  /** Only in a search: the kind of step, and the part of it that is measured. */
  role?: StepRole;
  measureFromUs?: number;
  measureToUs?: number;
}

export function planBlock(
  { name, block }: NamedBlock<PlannedBlock>,
  { seed, retries, hasEvents }: { seed: number; retries: boolean; hasEvents: boolean },
): BlockPlan {
  const startUs = parseDuration(block.startTime);
  const isKept = isClosed(block) || (block.executor === 'burst' && block.duration !== undefined);
  return {
    name,
    executor: block.executor,
    startUs,
    endUs: startUs + measureBlockUs(block),
    gracefulStopUs: parseDuration(block.gracefulStop),
    lastsUntilEnd: isKept || retries || hasEvents,
    maxInFlight: block.maxInFlight,
    maxOpen: block.maxOpen,
    pace: isClosed(block)
      ? { loop: 'closed', clients: planClients(block, seed) }
      : { loop: 'open', schedule: planSchedule(block, seed) },
  };
}

function planSchedule(block: OpenBlock, seed: number): ArrivalSchedule {
  const pieces = buildPieces(block);
  if (block.executor !== 'burst') {
    return { pieces, spacing: block.arrivals, seed, arrivalCount: countArrivals(pieces) };
  }
  // A Poisson process with a known count is that many moments drawn evenly from the window.
  const spacing = block.spread === 'random' ? 'poisson' : 'uniform';
  return { pieces, spacing, seed, arrivalCount: block.clients };
}

function planClients(block: ClosedBlock, seed: number): ClientsPlan {
  const pieces = buildClientPieces(block);
  const counts = pieces
    .filter(({ durationUs }) => durationUs > 0)
    .flatMap(({ startClients, endClients }) => [startClients, endClients]);
  return { pieces, clientCount: Math.max(...counts), think: planThink(block.think), seed };
}

function planThink(think: ClosedBlock['think']): ThinkTime {
  const [min, max] = typeof think === 'string' ? [think, think] : [think.min, think.max];
  return { minUs: parseDuration(min), maxUs: parseDuration(max) };
}

/**
 * Returns the steps of a block; `index` and `block` count from 0 within it. A load that does not change has one step.
 */
export function cutBlock({ executor, startUs, endUs, pace }: BlockPlan): Step[] {
  const whole = { index: 0, block: 0, loop: pace.loop, fromUs: startUs, toUs: endUs };
  if (pace.loop === 'closed') {
    const { pieces, clientCount } = pace.clients;
    if (executor === 'constant-clients') {
      const level = {
        startClients: clientCount,
        endClients: clientCount,
        mostClients: clientCount,
      };
      return [{ ...whole, ...level }];
    }
    return cutSteps(
      pieces.map((it) => ({ ...it, start: it.startClients, end: it.endClients })),
    ).map(({ fromUs, toUs, start, end, most }, index) => ({
      ...whole,
      index,
      ...shift({ fromUs, toUs }, startUs),
      startClients: start,
      endClients: end,
      mostClients: most,
    }));
  }
  const { pieces } = pace.schedule;
  if (executor !== 'ramping-arrival-rate') {
    return [{ ...whole, ...pickRates(pieces[0]) }];
  }
  return cutSteps(
    pieces.map((it) => ({ ...it, start: it.startRatePerSecond, end: it.endRatePerSecond })),
  ).map(({ fromUs, toUs, start, end }, index) => ({
    ...whole,
    index,
    ...shift({ fromUs, toUs }, startUs),
    startRatePerSecond: start,
    endRatePerSecond: end,
  }));
}

function shift({ fromUs, toUs }: { fromUs: number; toUs: number }, byUs: number) {
  return { fromUs: fromUs + byUs, toUs: toUs + byUs };
}

/** Returns a step's rates; {} for clients that come all at once, which have no rate. */
function pickRates(piece: RatePiece | undefined): Partial<Step> {
  if (piece === undefined) return {};
  const { startRatePerSecond, endRatePerSecond } = piece;
  return { startRatePerSecond, endRatePerSecond };
}

/** Returns the highest rate that a block offers; Infinity if clients come all at once, undefined in a closed loop. */
export function findPeakRate({ pace }: BlockPlan): number | undefined {
  if (pace.loop === 'closed') return undefined;
  const { pieces } = pace.schedule;
  if (pieces.length === 0) return Number.POSITIVE_INFINITY;
  // A rate that a jump passes through without lasting is never offered.
  return pieces
    .filter((piece) => piece.durationUs > 0)
    .reduce((peak, p) => Math.max(peak, p.startRatePerSecond, p.endRatePerSecond), 0);
}
