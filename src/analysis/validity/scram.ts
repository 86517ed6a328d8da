import { Histogram } from '../../model/histogram.ts';
import { type EncodedHistogram, MOST_SALTS } from '../../model/measures.ts';
import type { EndRecord } from '../../result/records/end.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { summariseMetric } from '../figures/quantiles.ts';

type Recorded = NonNullable<EndRecord['scram']>;
type Scram = NonNullable<SummaryRecord['scram']>;

/**
 * What the legs of a run did; undefined where none met SCRAM. Each leg derives anew: from the same salts, which count once, unless the
 * server made a new one for every login.
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

/** All legs, where none has derived. */
function pickDerived(all: readonly Recorded[]): readonly Recorded[] {
  const derived = all.filter(({ derivations }) => derivations > 0);
  return derived.length === 0 ? all : derived;
}

/**
 * Salts are random: those of different legs differ where each login of a leg had one of its own. Else they are the same, as a
 * role has one salt wherever it logs in, and the most that a leg met are what is known.
 */
function countSalts(all: readonly Recorded[]): number {
  const counts = all.map(({ salts }) => salts);
  return all.some(isSaltedAnew)
    ? counts.reduce((sum, count) => sum + count, 0)
    : Math.max(...counts);
}

/** Whether a server, or the pooler before it, made a new salt for every login, as far as salts are counted. */
export function isSaltedAnew({
  salts,
  waits,
}: {
  salts: number;
  waits?: { count: number };
}): boolean {
  return salts > 1 && waits !== undefined && salts >= Math.min(waits.count, MOST_SALTS);
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
