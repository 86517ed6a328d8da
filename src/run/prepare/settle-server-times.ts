import { NO_SERVER_TIMES, type ServerTimesPlan } from '../../drivers/protocol/server-times.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import {
  explainServerTimes,
  findServerTimes,
  planServerTimes,
} from '../../targets/visit/server-times.ts';
import type { Notes } from '../notes.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { Visited } from './visit-target.ts';

/** Finds out once what the target of all of `group` tells of its times; returns what of it each plan asks for. */
export async function settleServerTimes(
  group: readonly Visited[],
  stop: AbortSignal,
  notes: Notes,
): Promise<(plan: Plan) => ServerTimesPlan> {
  const asking = group.find(({ plan }) => plan.connection.serverTimes);
  if (asking === undefined) return () => NO_SERVER_TIMES;
  const [{ target, server }, ...others] = asking.found;
  if (others.length > 0) {
    notes.tell(
      "connstorm does not ask for the servers' own times of a connect, because there are several hosts",
    );
    return () => NO_SERVER_TIMES;
  }
  const { timeoutUs } = asking.plan.connection;
  const times = await unlessStopped(stop, findServerTimes(target, server, { timeoutUs }));
  const told = explainServerTimes(times);
  if (told !== undefined) notes.tell(told);
  return ({ connection, arrivalCount }) =>
    connection.serverTimes ? planServerTimes(times, arrivalCount) : NO_SERVER_TIMES;
}
