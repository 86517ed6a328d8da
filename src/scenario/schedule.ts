import { parseDuration } from './duration.ts';
import type { Load } from './schema.ts';

/** A piece of the offered rate: linear from one rate to another; a duration of 0 is a jump. */
export interface RatePiece {
  startRatePerSecond: number;
  endRatePerSecond: number;
  durationUs: number;
}

/** One arrival a microsecond: the resolution of the schedule. */
const MAX_RATE_PER_SECOND = 1_000_000;
const MAX_ARRIVALS = 1_000_000_000;
const MAX_DURATION = '7d';

/** What is wrong with a schedule as a whole, and the field to blame. */
export interface ScheduleProblem {
  path: (string | number)[];
  text: string;
}

/** The rate of a load over time, in pieces. Ramps follow k6: linear, a stage of 0s is a jump. */
export function buildPieces(load: Load): RatePiece[] {
  const perSecond = 1e6 / parseDuration(load.timeUnit);
  if (load.executor === 'constant-arrival-rate') {
    const rate = load.rate * perSecond;
    const durationUs = parseDuration(load.duration);
    return [{ startRatePerSecond: rate, endRatePerSecond: rate, durationUs }];
  }
  let startRatePerSecond = load.startRate * perSecond;
  return load.stages.map(({ duration, target }) => {
    const endRatePerSecond = target * perSecond;
    const piece = { startRatePerSecond, endRatePerSecond, durationUs: parseDuration(duration) };
    startRatePerSecond = endRatePerSecond;
    return piece;
  });
}

/** Arrivals due by the end of each piece: the integral of the rate, a whole number where only rounding keeps it from one. */
export function cumulateArrivals(pieces: readonly RatePiece[]): number[] {
  let sum = 0;
  return pieces.map((piece) => {
    sum += ((piece.startRatePerSecond + piece.endRatePerSecond) / 2) * (piece.durationUs / 1e6);
    return snapToInteger(sum);
  });
}

/** 97/s for 10 s are 970 arrivals and 0.1/s for 10 s is one, whatever the last bit of the product says. */
function snapToInteger(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= 1e-9 + value * 1e-13 ? nearest : value;
}

/** How many arrivals the whole schedule has. */
export function countArrivals(pieces: readonly RatePiece[]): number {
  return Math.floor(cumulateArrivals(pieces).at(-1) ?? 0);
}

export function sumDurationsUs(pieces: readonly RatePiece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.durationUs, 0);
}

/** What keeps a load whose fields are well-formed from being run. */
export function findScheduleProblems(load: Load): ScheduleProblem[] {
  const pieces = buildPieces(load);
  const tooFast = findTooFast(load);
  if (tooFast.length > 0) return tooFast;
  const path = ['load', load.executor === 'constant-arrival-rate' ? 'rate' : 'stages'];
  if (sumDurationsUs(pieces) > parseDuration(MAX_DURATION)) {
    return [{ path, text: `must take at most ${MAX_DURATION} in all` }];
  }
  const count = countArrivals(pieces);
  if (count > MAX_ARRIVALS) {
    return [{ path, text: `must come to at most ${MAX_ARRIVALS} arrivals in all, got ${count}` }];
  }
  return count === 0 ? [{ path, text: `must come to at least one arrival${tellSum(load)}` }] : [];
}

function tellSum(load: Load): string {
  return load.executor === 'constant-arrival-rate'
    ? `, got ${load.rate} per ${load.timeUnit} for ${load.duration}`
    : ' in all, got none';
}

function findTooFast(load: Load): ScheduleProblem[] {
  const perSecond = 1e6 / parseDuration(load.timeUnit);
  return listRates(load)
    .filter(({ rate }) => rate * perSecond > MAX_RATE_PER_SECOND)
    .map(({ path, rate }) => ({
      path,
      text: `must be at most ${MAX_RATE_PER_SECOND} per second, got ${rate} per ${load.timeUnit}`,
    }));
}

function listRates(load: Load): { path: (string | number)[]; rate: number }[] {
  if (load.executor === 'constant-arrival-rate') {
    return [{ path: ['load', 'rate'], rate: load.rate }];
  }
  return [
    { path: ['load', 'startRate'], rate: load.startRate },
    ...load.stages.map(({ target }, index) => ({
      path: ['load', 'stages', index, 'target'],
      rate: target,
    })),
  ];
}
