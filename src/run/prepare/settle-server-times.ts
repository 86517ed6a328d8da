import { NO_SERVER_TIMES } from '../../drivers/protocol/server-times.ts';
import { addVisits } from '../../targets/visit/preflight.ts';
import {
  explainServerTimes,
  findServerTimes,
  planServerTimes,
} from '../../targets/visit/server-times.ts';
import type { Notes } from '../notes.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { Limited, Timed } from './prepared.ts';

/**
 * Finds out once whether the target of all `limited` reports its own times. Gives each variant what its plan asks for.
 */
export async function settleServerTimes(
  limited: readonly Limited[],
  stop: AbortSignal,
  notes: Notes,
): Promise<Timed[]> {
  const untimed = (): Timed[] =>
    limited.map((variant) => ({ ...variant, serverTimes: NO_SERVER_TIMES }));
  const asking = limited.find(({ plan }) => plan.connection.serverTimes);
  if (asking === undefined) return untimed();
  const [{ target, server }, ...others] = asking.found;
  if (others.length > 0 || (asking.turns?.length ?? 1) > 1) {
    notes.note(
      "connstorm does not ask for the servers' own times of a connect, because there are several hosts",
    );
    return untimed();
  }
  const { timeoutUs } = asking.plan.connection;
  const times = await unlessStopped(stop, findServerTimes(target, server, { timeoutUs }));
  const explanation = explainServerTimes(times);
  if (explanation !== undefined) notes.note(explanation);
  return limited.map((variant, at) => {
    const { connection, arrivalCount } = variant.plan;
    const asked = connection.serverTimes ? planServerTimes(times, arrivalCount) : NO_SERVER_TIMES;
    const [first, ...rest] = variant.found;
    const found = [at === 0 ? addVisits(first, times.sessions) : first, ...rest] as const;
    return { ...variant, found, serverTimes: asked };
  });
}
