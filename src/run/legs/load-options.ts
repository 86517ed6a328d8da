import type { LoadOptions } from '../../load/threads/coordinator.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { RunPorts } from './ports.ts';

/** Returns how a variant is stormed by one of its plans. A leg, its warm-up and the taste use it. */
export function describeLoadOptions(
  { found, maxInFlight, workers, serverTimes }: Prepared,
  plan: Plan,
  { load }: RunPorts,
): LoadOptions {
  return {
    plan,
    connection: { ...plan.connection, serverTimes },
    endpoints: found.map(({ target }) => target),
    maxInFlight,
    workers,
    ports: load,
  };
}
