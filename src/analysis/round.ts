import type { LegRecord } from '../result/records.ts';
import type { RoundSummary } from '../result/summary-records.ts';
import type { RunFigures } from './run-fold.ts';

/** One round of a variant, from its figures. */
export function summariseRound({ round, seed }: LegRecord, figures: RunFigures): RoundSummary {
  const { stoppedBy, validity, accounting, metrics } = figures;
  return { round, seed, stoppedBy, validity, accounting, metrics };
}
