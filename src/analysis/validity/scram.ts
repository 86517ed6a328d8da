import { Histogram } from '../../model/histogram.ts';
import { type EncodedHistogram, MOST_SALTS } from '../../model/measures.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { summariseMetric } from '../figures/quantiles.ts';

type Recorded = NonNullable<EndRecord['scram']>;
type Scram = NonNullable<SummaryRecord['scram']>;

/**
 * Returns the SCRAM figures of all legs together; undefined if none met SCRAM. Each leg derives its keys anew, from the
 * same salts, which count once, unless the server made a new salt for every login.
 */
export function mergeScram(all: readonly Recorded[]): Scram | undefined {
  if (all.length === 0) return undefined;
  const derivations = all.reduce((sum, it) => sum + it.derivations, 0);
  const totalUs = all.reduce((sum, { meanUs, derivations }) => sum + meanUs * derivations, 0);
  const waits = mergeTimes(all.map((it) => it.waits));
  const alone = mergeTimes(all.map((it) => it.alone));
  const abandoned = all.reduce((sum, it) => sum + (it.abandoned ?? 0), 0);
  return {
    derivations,
    salts: countSalts(all),
    cache: all.every(({ cache }) => cache),
    shortestUs: Math.min(...pickDerived(all).map(({ shortestUs }) => shortestUs)),
    meanUs: derivations === 0 ? 0 : Math.round(totalUs / derivations),
    ...(waits === undefined ? {} : { waits }),
    ...(alone === undefined ? {} : { alone }),
    ...(abandoned === 0 ? {} : { abandoned }),
  };
}

/** Returns the legs with a derivation; all legs if there are none. */
function pickDerived(all: readonly Recorded[]): readonly Recorded[] {
  const derived = all.filter(({ derivations }) => derivations > 0);
  return derived.length === 0 ? all : derived;
}

/**
 * Returns the number of salts over all legs. Salts are random. If each login of a leg had its own, those of different
 * legs differ, too. Otherwise legs share their salts, because a database user has one salt wherever it logs in, and the
 * largest number of a leg is used.
 */
function countSalts(all: readonly Recorded[]): number {
  const counts = all.map(({ salts }) => salts);
  return all.some(isSaltedAnew)
    ? counts.reduce((sum, count) => sum + count, 0)
    : Math.max(...counts);
}

/**
 * Returns whether a server, or the pooler in front of it, made a new salt for every login, as far as salts are counted.
 */
export function isSaltedAnew({
  salts,
  waits,
}: {
  salts: number;
  waits?: { count: number };
}): boolean {
  return salts > 1 && waits !== undefined && salts >= Math.min(waits.count, MOST_SALTS);
}

/** Returns undefined if a leg does not have these times. */
function mergeTimes(all: readonly (EncodedHistogram | undefined)[]): MetricSummary | undefined {
  const merged = new Histogram();
  for (const times of all) {
    if (times === undefined) return undefined;
    merged.add(Histogram.decode(times));
  }
  return summariseMetric(merged);
}

/**
 * Source of a login's SCRAM keys. `pg`: derived by pg at every login. `kept` and `derived`: from the wire driver,
 * cached or derived at every login.
 */
export type KeySource = 'pg' | 'kept' | 'derived';

/** Returns the source of keys, by the scenario as it was run. */
export function findKeySource(spec: Record<string, unknown>): KeySource {
  const { connection } = spec as { connection?: { driver?: unknown; scramCache?: unknown } };
  if (connection?.driver === 'pg') return 'pg';
  return connection?.scramCache === false ? 'derived' : 'kept';
}
