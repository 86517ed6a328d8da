import { Histogram } from '../metrics/histogram.ts';
import type { EncodedHistogram } from '../result/measures.ts';
import type { EndRecord } from '../result/records.ts';
import type { MetricSummary, SummaryRecord } from '../result/summary-records.ts';
import { summariseMetric } from './quantiles.ts';

type Recorded = NonNullable<EndRecord['scram']>;
type Scram = NonNullable<SummaryRecord['scram']>;

/** What the legs of a run did; undefined where none met SCRAM. Each leg derives anew, from the same salts. */
export function mergeScram(all: readonly Recorded[]): Scram | undefined {
  if (all.length === 0) return undefined;
  const derivations = all.reduce((sum, it) => sum + it.derivations, 0);
  const totalUs = all.reduce((sum, { meanUs, derivations }) => sum + meanUs * derivations, 0);
  const waits = mergeTimes(all.map((it) => it.waits));
  const alone = mergeTimes(all.map((it) => it.alone));
  const abandoned = all.reduce((sum, it) => sum + (it.abandoned ?? 0), 0);
  return {
    derivations,
    salts: Math.max(...all.map(({ salts }) => salts)),
    cache: all.every(({ cache }) => cache),
    shortestUs: Math.min(...all.map(({ shortestUs }) => shortestUs)),
    meanUs: Math.round(totalUs / derivations),
    ...(waits === undefined ? {} : { waits }),
    ...(alone === undefined ? {} : { alone }),
    ...(abandoned === 0 ? {} : { abandoned }),
  };
}

/** undefined where one leg does not tell. */
function mergeTimes(all: readonly (EncodedHistogram | undefined)[]): MetricSummary | undefined {
  const merged = new Histogram();
  for (const times of all) {
    if (times === undefined) return undefined;
    merged.add(Histogram.decode(times));
  }
  return summariseMetric(merged);
}

/** Where logins have their SCRAM keys from: from pg, at every login; from the wire driver, kept or derived at every login. */
export type KeySource = 'pg' | 'kept' | 'derived';

/** By the scenario as it was run. */
export function findKeySource(spec: Record<string, unknown>): KeySource {
  const { connection } = spec as { connection?: { driver?: unknown; scramCache?: unknown } };
  if (connection?.driver === 'pg') return 'pg';
  return connection?.scramCache === false ? 'derived' : 'kept';
}
