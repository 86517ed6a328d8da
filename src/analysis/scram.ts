import type { SummaryRecord } from '../result/summary-records.ts';

type Scram = NonNullable<SummaryRecord['scram']>;

/** What the rounds of one variant did; undefined where none met SCRAM. Each round derives anew, from the same salts. */
export function mergeScram(all: readonly Scram[]): Scram | undefined {
  const [first, ...others] = all;
  if (first === undefined) return undefined;
  return others.reduce((merged, it) => {
    const derivations = merged.derivations + it.derivations;
    const totalUs = merged.meanUs * merged.derivations + it.meanUs * it.derivations;
    return {
      derivations,
      salts: Math.max(merged.salts, it.salts),
      cache: merged.cache && it.cache,
      shortestUs: Math.min(merged.shortestUs, it.shortestUs),
      meanUs: Math.round(totalUs / derivations),
    };
  }, first);
}
