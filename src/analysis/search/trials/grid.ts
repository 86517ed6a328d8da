import { SUSTAINED_SHARE } from '../../sustained.ts';

/**
 * The rates around the knee: steps so small that the interval between a good rate and the bad one above it is within the
 * tolerance, such that the rates of the climb are among them.
 */
export interface Grid {
  /** The rate of index 0: the first that was not sustained. */
  basePerSecond: number;
  /** From one rate to the next. */
  ratio: number;
}

/** Narrower steps cannot be told apart. */
const SMALLEST_RATIO = 1.01;

/**
 * A rate counts as sustained where 97 % of it is achieved, so that the lower end of the answer, what was achieved, may lie 3 % below
 * its rate: the steps are so much narrower than the tolerance.
 */
export function createGrid(basePerSecond: number, growth: number, tolerance: number): Grid {
  const widest = Math.max(SMALLEST_RATIO, (1 + tolerance) * SUSTAINED_SHARE);
  const count = Math.max(1, Math.ceil(Math.log(growth) / Math.log(widest)));
  return { basePerSecond, ratio: growth ** (1 / count) };
}

export function rateAt({ basePerSecond, ratio }: Grid, index: number): number {
  return basePerSecond * ratio ** index;
}

/** The highest index whose rate is at most this one. */
export function indexBelow(grid: Grid, ratePerSecond: number): number {
  return Math.floor(positionOf(grid, ratePerSecond) + SLACK);
}

/** undefined for a rate that is none of the grid's. */
export function indexOf(grid: Grid, ratePerSecond: number): number | undefined {
  const position = positionOf(grid, ratePerSecond);
  const index = Math.round(position);
  return Math.abs(position - index) <= SLACK ? index : undefined;
}

/** What rounding leaves. */
const SLACK = 1e-6;

function positionOf({ basePerSecond, ratio }: Grid, ratePerSecond: number): number {
  return Math.log(ratePerSecond / basePerSecond) / Math.log(ratio);
}

/** The same rate, whatever the last bits of a product say. */
export function isSameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(a, b);
}
