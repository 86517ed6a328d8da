import type { CountedTimes } from '../../drivers/login/scram-costs.ts';
import type { LoadEnd } from '../../load/threads/coordinator.ts';
import { Histogram } from '../../model/histogram.ts';
import type { EncodedHistogram } from '../../model/measures.ts';
import type { EndRecord, OwnSessionsRecord } from '../../result/records/end.ts';

/** How a leg ended. Times count from its own T0. */
export type LegEnd = Omit<EndRecord, 'type'>;

/**
 * Returns the end of a leg. SCRAM figures are included only if a key was derived or a derivation was abandoned.
 * `cache`: whether derived keys are kept for the next login. `own`: connstorm's own sessions beside the load.
 */
export function describeEnd(
  { scram, ...loaded }: LoadEnd,
  cache: boolean,
  own: readonly OwnSessionsRecord[],
): LegEnd {
  const end = { ...loaded, ...(own.length === 0 ? {} : { ownSessions: [...own] }) };
  const { derivations, salts, shortestUs, totalUs } = scram;
  if (derivations + scram.abandoned === 0) return end;
  const meanUs = derivations === 0 ? 0 : Math.round(totalUs / derivations);
  const times = { waits: encodeTimes(scram.waits), alone: encodeTimes(scram.alone) };
  const abandoned = scram.abandoned > 0 ? { abandoned: scram.abandoned } : {};
  return {
    ...end,
    scram: { derivations, salts, cache, shortestUs, meanUs, ...times, ...abandoned },
  };
}

function encodeTimes(counted: CountedTimes): EncodedHistogram {
  const histogram = new Histogram();
  for (const [us, times] of counted) histogram.record(us, times);
  return histogram.encode();
}
