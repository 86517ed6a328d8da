import type { LegRecord } from '../result/records/records.ts';
import type { RoundSummary } from '../result/records/summary-records.ts';
import type { PlanFigures } from './plan-fold.ts';

/** One round of a variant, from its figures. */
export function summariseRound(
  { round, seed, warmedUs }: LegRecord,
  figures: PlanFigures,
): RoundSummary {
  const { stoppedBy, validity, accounting, metrics } = figures;
  const warmed = warmedUs === undefined ? {} : { warmedUs };
  return { round, seed, stoppedBy, ...warmed, validity, accounting, metrics };
}
