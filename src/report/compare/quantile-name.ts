import type { Aggregation } from '../../scenario/figure.ts';

/** Returns `p99` for `p(99)`. */
export function nameQuantile(aggregation: Aggregation): string {
  return aggregation.replace(/[()]/g, '');
}
