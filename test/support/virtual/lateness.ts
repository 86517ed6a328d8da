/**
 * How late connstorm was with the attempts of one run of `pooled-vs-direct` on a machine of two cores on which nothing else ran, at
 * 30/s: quantiles in microseconds (the case that ended without a verdict).
 */
const QUANTILES_US = [
  [0, 0],
  [0.1, 37],
  [0.5, 450],
  [0.75, 930],
  [0.9, 1600],
  [0.95, 2250],
  [0.99, 4000],
  [0.999, 6600],
  [1, 7900],
] as const;

/** Lateness in microseconds at the share `q` of attempts, linear between the quantiles. */
export function latenessAt(q: number): number {
  const above = QUANTILES_US.findIndex(([share]) => share >= q);
  const [toShare, toUs] = QUANTILES_US[Math.max(1, above)] ?? [1, 7900];
  const [fromShare, fromUs] = QUANTILES_US[Math.max(1, above) - 1] ?? [0, 0];
  return Math.round(fromUs + ((q - fromShare) / (toShare - fromShare)) * (toUs - fromUs));
}
