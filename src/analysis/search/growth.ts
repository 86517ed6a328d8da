import { meanOf } from '../figures/mean.ts';

/** Few enough that each batch is longer than what one stall of the server leaves behind, and enough for a trend. */
const BATCHES = 6;

/** Student's t, one-sided 5 %, for BATCHES - 2 degrees of freedom. */
const CRITICAL_T = 2.132;

/**
 * Returns whether connections in flight grew steadily over evenly spaced samples: a straight line through the means of
 * six batches rises significantly (one-sided, 5 %). The samples themselves are autocorrelated, so least squares on them
 * would understate the error of the slope. Means of batches that are longer than the correlation do not (the method of
 * batch means: Law and Kelton, "Simulation Modeling and Analysis", 9.5.3). A jump at the end, such as a stall leaves,
 * is no trend. Returns false with fewer than two samples for each batch.
 */
export function hasGrown(samples: readonly number[]): boolean {
  if (samples.length < 2 * BATCHES) return false;
  const means = Array.from({ length: BATCHES }, (_, batch) =>
    meanOf(samples.slice(edgeOf(batch, samples.length), edgeOf(batch + 1, samples.length))),
  );
  const { slope, error } = fitLine(means);
  return slope > 0 && slope > CRITICAL_T * error;
}

function edgeOf(batch: number, count: number): number {
  return Math.round((batch * count) / BATCHES);
}

/** Fits a line by least squares over 0, 1, 2, ...; returns its slope and the standard error of the slope. */
function fitLine(values: readonly number[]): { slope: number; error: number } {
  const count = values.length;
  const middle = (count - 1) / 2;
  const mean = meanOf(values);
  const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread;
  const squares = values.reduce(
    (sum, value, at) => sum + (value - mean - slope * (at - middle)) ** 2,
    0,
  );
  return { slope, error: Math.sqrt(squares / (count - 2) / spread) };
}
