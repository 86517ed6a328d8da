import type { Side } from '../../../src/analysis/comparison/obstacles.ts';
import { zeroConnections, zeroCounts } from '../../../src/model/accounting.ts';
import type { SummaryMetric } from '../../../src/model/measures.ts';
import type { MetricSummary } from '../../../src/result/records/summary-figures.ts';
import type { RoundSummary } from '../../../src/result/records/summary-records.ts';
import { makeHeader } from './synthetic-run.ts';

/** Sides of a comparison that never ran. */

export const VALID = { valid: true, reasons: [] };

/** A metric whose every quantile is `us`, of `count` values. */
export function makeMetric(us: number, overrides: Partial<MetricSummary> = {}): MetricSummary {
  return {
    count: 1000,
    censored: 0,
    minUs: us,
    meanUs: us,
    p50Us: us,
    p90Us: us,
    p95Us: us,
    p99Us: us,
    p999Us: us,
    maxUs: us,
    ...overrides,
  };
}

/** A round of a thousand attempts, all ok. */
export function makeRound(
  metrics: Partial<Record<SummaryMetric, MetricSummary>>,
  overrides: Partial<RoundSummary> = {},
): RoundSummary {
  const counts = { due: 1000, begun: 1000, started: 1000, ok: 1000 };
  return {
    round: 1,
    seed: 1,
    stoppedBy: 'end',
    validity: VALID,
    accounting: { ...zeroCounts(), inFlight: 0, ...counts },
    metrics,
    ...overrides,
  };
}

/** Rounds of which each has one first query time. */
export function makeSide(name: string, firstQueryUs: readonly number[]): Side {
  const rounds = firstQueryUs.map((us) => makeRound({ firstQuery: makeMetric(us) }));
  return sideOf(name, rounds);
}

export function sideOf(name: string, rounds: RoundSummary[]): Side {
  const { spec, plan, target } = makeHeader();
  return {
    name,
    record: { spec, plan, target },
    summary: {
      stoppedBy: 'end',
      roundsPlanned: rounds.length,
      rounds,
      validity: VALID,
      accounting: rounds[0]?.accounting ?? { ...zeroCounts(), inFlight: 0 },
      connections: { ...zeroConnections(), open: 0 },
      metrics: rounds[0]?.metrics ?? {},
      boundaries: { sslrequest: 1000 },
      errors: [],
      rates: { windowUs: 1_000_000, offeredPerSecond: 1000, achievedPerSecond: 1000 },
      steps: [],
      slowest: null,
      generator: null,
      capacity: null,
      bottleneck: null,
    },
  };
}
