import type { LegRecord } from '../result/records/records.ts';
import type { RoundSummary } from '../result/records/summary-records.ts';
import type { PlanFigures } from './plan-fold.ts';
import { STOPPED_SHARE } from './validity/generator-evidence.ts';

/** One round of a variant, from its figures. */
export function summariseRound(
  { round, seed, warmedUs }: LegRecord,
  figures: PlanFigures,
): RoundSummary {
  const { stoppedBy, validity, accounting, metrics, crowd } = figures;
  return {
    round,
    seed,
    stoppedBy,
    ...(warmedUs === undefined ? {} : { warmedUs }),
    validity,
    ...(isSpoiltByStops(figures) ? { stopped: true } : {}),
    accounting,
    metrics,
    ...(crowd === undefined ? {} : { crowd }),
  };
}

/** Of several steps each is judged by itself, and one that was not stopped makes the round valid. */
function isSpoiltByStops({ generator, steps }: PlanFigures): boolean {
  return steps.length === 1 && (generator?.stoppedShare ?? 0) > STOPPED_SHARE;
}
