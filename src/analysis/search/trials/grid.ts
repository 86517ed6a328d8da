import { SUSTAINED_SHARE } from '../../sustained.ts';

/**
 * The rates around the knee. Their steps are so small that the interval between a good rate and the bad one above it is
 * within the tolerance. The rates of the climb are among them.
 */
export interface Grid {
  /** Rate of index 0: the first one that was not sustained. */
  basePerSecond: number;
  /** Ratio of each rate to the one below it. */
  ratio: number;
}

/** Smaller steps cannot be told apart. */
const SMALLEST_RATIO = 1.01;

/**
 * Returns the grid. A rate counts as sustained with 97 % achieved, so the lower end of the answer may lie 3 % below its
 * rate. The steps are narrower than the tolerance by that much.
 */
export function createGrid(basePerSecond: number, growth: number, tolerance: number): Grid {
  const widest = Math.max(SMALLEST_RATIO, (1 + tolerance) * SUSTAINED_SHARE);
  const count = Math.max(1, Math.ceil(Math.log(growth) / Math.log(widest)));
  return { basePerSecond, ratio: growth ** (1 / count) };
}

export function rateAt({ basePerSecond, ratio }: Grid, index: number): number {
  return basePerSecond * ratio ** index;
}

/** Returns the highest index whose rate is at most the given one. */
export function indexBelow(grid: Grid, ratePerSecond: number): number {
  return Math.floor(positionOf(grid, ratePerSecond) + SLACK);
}

/** Returns undefined for a rate that is not on the grid. */
export function indexOf(grid: Grid, ratePerSecond: number): number | undefined {
  const position = positionOf(grid, ratePerSecond);
  const index = Math.round(position);
  return Math.abs(position - index) <= SLACK ? index : undefined;
}

/** Rounding error. */
const SLACK = 1e-6;

function positionOf({ basePerSecond, ratio }: Grid, ratePerSecond: number): number {
  return Math.log(ratePerSecond / basePerSecond) / Math.log(ratio);
}

/** Returns whether two rates are the same up to rounding errors. */
export function isSameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(a, b);
}
