import type { Outage, Recovered, RecoverySummary } from '../../result/records/recovery.ts';
import type { RecoveryFigure } from '../../scenario/budget.ts';

/** A time between two bounds in microseconds, `low` -Infinity if nothing is known of it, and why it is not exact. */
interface Bounds {
  low: number;
  high: number;
  reason?: string;
}

/** Returns the longest of the disturbances' times; null if there was no disturbance. */
export function readRecovery(
  { metric }: RecoveryFigure,
  recovery: readonly RecoverySummary[],
): (Bounds & { of: number }) | null {
  if (recovery.length === 0) return null;
  const all = recovery.map(({ outage, recovered }) =>
    metric === 'outage' ? boundOutage(outage) : boundRecovered(recovered),
  );
  const high = Math.max(...all.map((one) => one.high));
  const reason = all.find((one) => one.high === high)?.reason;
  return {
    low: Math.max(...all.map(({ low }) => low)),
    high,
    of: recovery.length,
    ...(reason === undefined ? {} : { reason }),
  };
}

function boundOutage(outage: Outage): Bounds {
  switch (outage.kind) {
    case 'seen':
      return outage.atLeast === true
        ? { low: outage.us, high: Infinity, reason: 'the load ended before the outage did' }
        : { low: outage.us, high: outage.us };
    case 'none-seen':
      return { low: 0, high: outage.longestUs, reason: 'a shorter outage could not be seen' };
    case 'not-measurable':
      return { low: -Infinity, high: Infinity, reason: `not measurable here: ${outage.reason}` };
  }
}

function boundRecovered(recovered: Recovered): Bounds {
  switch (recovered.kind) {
    case 'recovered':
      return { low: recovered.afterUs, high: recovered.afterUs };
    case 'never-slow':
      return { low: 0, high: 0 };
    case 'not-recovered':
      return { low: recovered.forUs, high: Infinity, reason: 'the load ended before it recovered' };
    case 'not-measurable':
      return { low: -Infinity, high: Infinity, reason: `not measurable here: ${recovered.reason}` };
  }
}
