import type { LegRecord } from '../result/records/records.ts';
import type { RoundSummary } from '../result/records/summary-records.ts';
import type { PlanFigures } from './plan-fold.ts';
import { STOPPED_SHARE } from './validity/generator-evidence.ts';

/** Returns the summary of one round of a variant, from its figures. */
export function summariseRound(
  { round, seed, warmedUs }: LegRecord,
  figures: PlanFigures,
): RoundSummary {
  const { stoppedBy, validity, accounting, metrics, crowd, events, recovery } = figures;
  return {
    round,
    seed,
    stoppedBy,
    ...(warmedUs === undefined ? {} : { warmedUs }),
    validity,
    ...(isSpoiltByStops(figures) ? { stopped: true } : {}),
    accounting,
    metrics,
    ...(events === undefined ? {} : { events }),
    ...(recovery === undefined ? {} : { recovery }),
    ...(crowd === undefined ? {} : { crowd }),
  };
}

/**
 * Returns whether connstorm was stopped for too much of the round. With several steps, each is judged by itself, and
 * one step without a stop makes the round valid.
 */
function isSpoiltByStops({ generator, steps }: PlanFigures): boolean {
  return steps.length === 1 && (generator?.stoppedShare ?? 0) > STOPPED_SHARE;
}
