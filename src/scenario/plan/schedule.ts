import { DURATION_PATTERN, parseDuration } from '../duration.ts';
import { valueAt } from '../file/field-path.ts';
import { type Load, type LoadBlock, listBlocks, type NamedBlock } from '../schema/load-schema.ts';

/** A piece of the offered rate, linear from one rate to another. A duration of 0 is a jump. */
export interface RatePiece {
  startRatePerSecond: number;
  endRatePerSecond: number;
  durationUs: number;
}

/** A piece of a closed loop: a number of clients that changes linearly. */
export interface ClientPiece {
  startClients: number;
  endClients: number;
  durationUs: number;
}

export type Executor = PlannedBlock['executor'];
/** A block whose time is planned beforehand. */
export type PlannedBlock = Exclude<LoadBlock, SearchBlock>;
export type SearchBlock = BlockOf<'saturation-search'>;
type BlockOf<E extends LoadBlock['executor']> = Extract<LoadBlock, { executor: E }>;
export type OpenBlock = BlockOf<'constant-arrival-rate' | 'ramping-arrival-rate' | 'burst'>;
export type ClosedBlock = BlockOf<'constant-clients' | 'ramping-clients'>;

export function isClosed(block: LoadBlock): block is ClosedBlock {
  return block.executor === 'constant-clients' || block.executor === 'ramping-clients';
}

/** One arrival per microsecond, which is the resolution of the schedule. */
const MAX_RATE_PER_SECOND = 1_000_000;
const MAX_ARRIVALS = 1_000_000_000;
const MAX_DURATION = '7d';
/** A burst without a duration lasts at least this long, because rates need a time that they refer to. */
const SHORTEST_BURST_US = 1_000_000;

/** A fault of a schedule as a whole, and the field to blame. */
export interface ScheduleProblem {
  path: (string | number)[];
  text: string;
}

/**
 * Returns the rate of an open block over time, in pieces. Ramps follow k6: they are linear, and a stage of 0s is a
 * jump. A burst is one piece that spreads all its clients evenly over its window; with a window of 0s it has no pieces.
 */
export function buildPieces(block: OpenBlock): RatePiece[] {
  if (block.executor === 'burst') return buildBurst(block);
  const perSecond = 1e6 / parseDuration(block.timeUnit);
  if (block.executor === 'constant-arrival-rate') {
    const rate = block.rate * perSecond;
    const durationUs = parseDuration(block.duration);
    return [{ startRatePerSecond: rate, endRatePerSecond: rate, durationUs }];
  }
  let startRatePerSecond = block.startRate * perSecond;
  return block.stages.map(({ duration, target }) => {
    const endRatePerSecond = target * perSecond;
    const piece = { startRatePerSecond, endRatePerSecond, durationUs: parseDuration(duration) };
    startRatePerSecond = endRatePerSecond;
    return piece;
  });
}

function buildBurst({ clients, window }: BlockOf<'burst'>): RatePiece[] {
  const durationUs = parseDuration(window);
  if (durationUs === 0) return [];
  const rate = clients / (durationUs / 1e6);
  return [{ startRatePerSecond: rate, endRatePerSecond: rate, durationUs }];
}

/** Returns the number of clients of a closed block over time, in pieces. */
export function buildClientPieces(block: ClosedBlock): ClientPiece[] {
  if (block.executor === 'constant-clients') {
    const { clients, duration } = block;
    return [{ startClients: clients, endClients: clients, durationUs: parseDuration(duration) }];
  }
  let { startClients } = block;
  return block.stages.map(({ duration, target }) => {
    const piece = { startClients, endClients: target, durationUs: parseDuration(duration) };
    startClients = target;
    return piece;
  });
}

/** Returns how long the block lasts: as long as its pieces. A burst may last longer. */
export function measureBlockUs(block: PlannedBlock): number {
  if (isClosed(block)) return sumDurationsUs(buildClientPieces(block));
  if (block.executor !== 'burst') return sumDurationsUs(buildPieces(block));
  if (block.duration !== undefined) return parseDuration(block.duration);
  return Math.max(SHORTEST_BURST_US, parseDuration(block.window));
}

/**
 * Returns the arrivals that are due by the end of each piece: the integral of the rate. Rounding errors are removed
 * where the result is meant to be a whole number.
 */
export function cumulateArrivals(pieces: readonly RatePiece[]): number[] {
  let sum = 0;
  return pieces.map((piece) => {
    sum += ((piece.startRatePerSecond + piece.endRatePerSecond) / 2) * (piece.durationUs / 1e6);
    return snapToInteger(sum);
  });
}

/**
 * Rounds a value that is meant to be whole: 97/s for 10 s are 970 arrivals and 0.1/s for 10 s is one, whatever the last
 * bit of the product is.
 */
function snapToInteger(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= 1e-9 + value * 1e-13 ? nearest : value;
}

/** Returns how many arrivals the whole schedule has. */
export function countArrivals(pieces: readonly RatePiece[]): number {
  return Math.floor(cumulateArrivals(pieces).at(-1) ?? 0);
}

export function sumDurationsUs(pieces: readonly { durationUs: number }[]): number {
  return pieces.reduce((sum, piece) => sum + piece.durationUs, 0);
}

/** Returns why a load whose fields are well-formed cannot be run. */
export function findScheduleProblems(load: Load): ScheduleProblem[] {
  return listBlocks<LoadBlock>(load).flatMap(({ name, path, block }) => {
    // A search has no schedule.
    if (block.executor === 'saturation-search') return [];
    const named = { name, path, block };
    const problems = findBlockProblems(named);
    return problems.length > 0 ? problems : findTooLong(named);
  });
}

function findTooLong({ block, path }: NamedBlock<PlannedBlock>): ScheduleProblem[] {
  const blamed = [...path, DURATION_FIELDS[block.executor]];
  const us = parseDuration(block.startTime) + measureBlockUs(block);
  if (us <= parseDuration(MAX_DURATION)) return [];
  return [{ path: blamed, text: `must take at most ${MAX_DURATION} in all` }];
}

const DURATION_FIELDS: Record<Executor, string> = {
  'constant-arrival-rate': 'duration',
  'ramping-arrival-rate': 'stages',
  burst: 'duration',
  'constant-clients': 'duration',
  'ramping-clients': 'stages',
};

function findBlockProblems(named: NamedBlock<PlannedBlock>): ScheduleProblem[] {
  const { block, path } = named;
  if (isClosed(block)) return findClientProblems(block, path);
  return block.executor === 'burst'
    ? findBurstProblems(block, path)
    : findRateProblems(block, path);
}

function findClientProblems(block: ClosedBlock, path: string[]): ScheduleProblem[] {
  if (buildClientPieces(block).some(hasClients)) return [];
  const text = 'must have at least one client at some time, got none';
  return [{ path: [...path, 'stages'], text }];
}

/** Checks a think time of any shape, in a block at `path`. Returns nothing if its ends are no durations. */
export function findThinkProblems(think: unknown, path: readonly string[]): ScheduleProblem[] {
  const [min, max] = [valueAt(think, ['min']), valueAt(think, ['max'])];
  if (!isDuration(min) || !isDuration(max) || parseDuration(min) <= parseDuration(max)) return [];
  const text = `must be at most ${path.join('.')}.think.max (${max}), got ${min}`;
  return [{ path: [...path, 'think', 'min'], text }];
}

function isDuration(value: unknown): value is string {
  return typeof value === 'string' && DURATION_PATTERN.test(value);
}

function hasClients({ startClients, endClients, durationUs }: ClientPiece): boolean {
  return durationUs > 0 && Math.max(startClients, endClients) >= 1;
}

function findBurstProblems(block: BlockOf<'burst'>, path: string[]): ScheduleProblem[] {
  const { window, duration } = block;
  if (duration === undefined || parseDuration(duration) >= parseDuration(window)) return [];
  const text = `must be no less than ${path.join('.')}.window (${window}), got ${duration}`;
  return [{ path: [...path, 'duration'], text }];
}

type RateBlock = Exclude<OpenBlock, { executor: 'burst' }>;

function findRateProblems(block: RateBlock, parent: string[]): ScheduleProblem[] {
  const tooFast = findTooFast(block, parent);
  if (tooFast.length > 0) return tooFast;
  const path = [...parent, block.executor === 'constant-arrival-rate' ? 'rate' : 'stages'];
  const pieces = buildPieces(block);
  const count = countArrivals(pieces);
  if (count > MAX_ARRIVALS) {
    return [{ path, text: `must make at most ${MAX_ARRIVALS} arrivals in all, got ${count}` }];
  }
  return count === 0 ? [{ path, text: `must make at least one arrival${describeSum(block)}` }] : [];
}

function describeSum(block: RateBlock): string {
  return block.executor === 'constant-arrival-rate'
    ? `, got ${block.rate} per ${block.timeUnit} for ${block.duration}`
    : ' in all, got none';
}

function findTooFast(block: RateBlock, parent: string[]): ScheduleProblem[] {
  const perSecond = 1e6 / parseDuration(block.timeUnit);
  return listRates(block)
    .filter(({ rate }) => rate * perSecond > MAX_RATE_PER_SECOND)
    .map(({ path, rate }) => ({
      path: [...parent, ...path],
      text: `must be at most ${MAX_RATE_PER_SECOND} per second, got ${rate} per ${block.timeUnit}`,
    }));
}

function listRates(block: RateBlock): { path: (string | number)[]; rate: number }[] {
  if (block.executor === 'constant-arrival-rate') return [{ path: ['rate'], rate: block.rate }];
  return [
    { path: ['startRate'], rate: block.startRate },
    ...block.stages.map(({ target }, index) => ({
      path: ['stages', index, 'target'],
      rate: target,
    })),
  ];
}
