/** What a run will do, as pure data. Times are integer microseconds since T0, rates are per second. */

import type { DriverName } from './driver-name.ts';
import { parseDuration } from './duration.ts';
import type { Hold } from './hold.ts';
import { buildPieces, countArrivals, type RatePiece, sumDurationsUs } from './schedule.ts';
import type { Scenario } from './schema.ts';
import type { SslMode } from './sslmode.ts';

export { drawHoldUs, type Hold } from './hold.ts';
export type { RatePiece } from './schedule.ts';
export { SSL_MODES, type SslMode } from './sslmode.ts';

export type Spacing = 'uniform' | 'poisson';

/** How a ready connection is closed: Terminate and gone, Terminate and wait for the server's FIN, or RST. */
export type CloseMode = 'terminate' | 'server-first' | 'reset';

/** The whole schedule: `createArrivals` (src/load/arrivals.ts) computes from it, lazily, the same arrivals every time. */
export interface ArrivalSchedule {
  pieces: RatePiece[];
  durationUs: number;
  spacing: Spacing;
  seed: number;
  arrivalCount: number;
}

/** A window of the schedule that is judged on its own: an arrival belongs to the step its moment falls into. */
export interface Step extends RatePiece {
  index: number;
  fromUs: number;
  toUs: number;
}

export interface Plan {
  executor: string;
  schedule: ArrivalSchedule;
  steps: Step[];
  peakRatePerSecond: number;
  /** As the scenario asks; the run decides where it does not. */
  maxInFlight: number | undefined;
  gracefulStopUs: number;
  driver: DriverName;
  connection: {
    /** undefined: as the target says, else `prefer`. */
    sslmode: SslMode | undefined;
    queries: number;
    holdUs: Hold;
    close: CloseMode;
    /** When an attempt that is not ready yet is given up on purpose; undefined: never. Below timeoutUs. */
    abandonAfterUs: number | undefined;
    timeoutUs: number;
    scramCache: boolean;
    /** Spread over the attempts by arrival index; empty: the kernel chooses. */
    localAddresses: readonly string[];
    /** Whether the server is asked for its own times, where it may be. */
    serverTimes: boolean;
  };
}

/** The plan of a scenario: the same for the same scenario, wherever and whenever it is made. */
export function planRun(scenario: Scenario): Plan {
  const { load, connection } = scenario;
  const pieces = buildPieces(load);
  const durationUs = sumDurationsUs(pieces);
  return {
    executor: load.executor,
    schedule: {
      pieces,
      durationUs,
      spacing: load.arrivals,
      seed: scenario.seed,
      arrivalCount: countArrivals(pieces),
    },
    steps: load.executor === 'constant-arrival-rate' ? pieces.map(wholePiece) : cutSteps(pieces),
    peakRatePerSecond: findPeakRate(pieces),
    maxInFlight: load.maxInFlight,
    gracefulStopUs: parseDuration(load.gracefulStop),
    driver: connection.driver,
    connection: {
      sslmode: connection.sslmode,
      queries: connection.queries,
      holdUs: planHold(connection.hold, scenario.seed),
      // An attempt that was ready in time is closed like any other.
      close: connection.close === 'abandon' ? 'terminate' : connection.close,
      abandonAfterUs:
        connection.abandonAfter === undefined ? undefined : parseDuration(connection.abandonAfter),
      timeoutUs: parseDuration(connection.timeout),
      // pg derives at every login, whatever one asks.
      scramCache: connection.scramCache && connection.driver !== 'pg',
      localAddresses: connection.localAddresses ?? [],
      serverTimes: connection.serverTimes,
    },
  };
}

function planHold(hold: Scenario['connection']['hold'], seed: number): Hold {
  if (hold === 'end') return 'end';
  if (typeof hold === 'string') return parseDuration(hold);
  return { minUs: parseDuration(hold.min), maxUs: parseDuration(hold.max), seed };
}

function wholePiece(piece: RatePiece, index: number): Step {
  return { ...piece, index, fromUs: 0, toUs: piece.durationUs };
}

/** A rate that a jump passes through for no time at all is never offered. */
function findPeakRate(pieces: readonly RatePiece[]): number {
  return pieces
    .filter((piece) => piece.durationUs > 0)
    .reduce((peak, p) => Math.max(peak, p.startRatePerSecond, p.endRatePerSecond), 0);
}

const STEP_US = 5_000_000;
const MAX_STEPS = 24;
/** A shorter rest has too few arrivals to be judged on its own. */
const SHORTEST_STEP_US = 1_000_000;

/** Windows of 5 s, or of the multiple of 5 s that gives at most 24 of them. */
function cutSteps(pieces: readonly RatePiece[]): Step[] {
  const durationUs = sumDurationsUs(pieces);
  const widthUs = STEP_US * Math.max(1, Math.ceil(durationUs / (MAX_STEPS * STEP_US)));
  const steps: Step[] = [];
  for (let fromUs = 0; fromUs < durationUs; ) {
    const nextUs = fromUs + widthUs;
    const toUs = durationUs - nextUs < SHORTEST_STEP_US ? durationUs : nextUs;
    steps.push({
      index: steps.length,
      fromUs,
      toUs,
      startRatePerSecond: rateAfter(pieces, fromUs),
      endRatePerSecond: rateBefore(pieces, toUs),
      durationUs: toUs - fromUs,
    });
    fromUs = toUs;
  }
  return steps;
}

/** The rate right after `atUs`: at a jump, the one jumped to. */
function rateAfter(pieces: readonly RatePiece[], atUs: number): number {
  let startUs = 0;
  for (const piece of pieces) {
    if (atUs < startUs + piece.durationUs) return rateWithin(piece, atUs - startUs);
    startUs += piece.durationUs;
  }
  return 0;
}

/** The rate right before `atUs`: at a jump, the one jumped from. */
function rateBefore(pieces: readonly RatePiece[], atUs: number): number {
  let startUs = 0;
  for (const piece of pieces) {
    if (atUs <= startUs + piece.durationUs && piece.durationUs > 0) {
      return rateWithin(piece, atUs - startUs);
    }
    startUs += piece.durationUs;
  }
  return 0;
}

function rateWithin(piece: RatePiece, elapsedUs: number): number {
  const share = elapsedUs / piece.durationUs;
  return piece.startRatePerSecond + (piece.endRatePerSecond - piece.startRatePerSecond) * share;
}
