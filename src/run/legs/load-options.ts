import type { ConnectionPlan } from '../../drivers/driver.ts';
import { SELECT_ONE, type StatementsPlan } from '../../drivers/protocol/statements.ts';
import { markName } from '../../drivers/session-mark.ts';
import type { HostTurnsPlan } from '../../load/clients/host-turns.ts';
import type { LoadOptions } from '../../load/threads/coordinator.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import type { Target } from '../../targets/target.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { RunPorts } from './ports.ts';

/** Returns how a variant is stormed by one of its plans. A leg, its warm-up and the taste use it. */
export function describeLoadOptions(
  prepared: Prepared,
  plan: Plan,
  { load }: RunPorts,
): LoadOptions {
  const { found, turns, maxInFlight, workers, serverTimes, isReadOnly, sessionMark } = prepared;
  return {
    plan,
    connection: planConnection(plan, { serverTimes, isReadOnly }),
    endpoints: (turns ?? found).map(({ target }) => markTarget(target, sessionMark)),
    hostTurns: planHostTurns(prepared),
    maxInFlight,
    workers,
    ports: load,
  };
}

/** Returns the target as the storm's sessions use it, with the mark of the run in their application_name. */
function markTarget(target: Target, mark: string | undefined): Target {
  if (mark === undefined) return target;
  return { ...target, applicationName: markName(target.applicationName, mark) };
}

function planHostTurns({ turns, resolved }: Prepared): HostTurnsPlan | undefined {
  if (turns === undefined) return undefined;
  const { spread, sessionAttrs } = resolved;
  return { hostCount: turns.length, isShuffled: spread, wanted: sessionAttrs };
}

/** `isReadOnly`: whether the scenario's own statements are sent in read-only transactions. */
export function planConnection(
  { connection }: Plan,
  { serverTimes, isReadOnly }: Pick<Prepared, 'serverTimes' | 'isReadOnly'>,
): ConnectionPlan {
  return { ...connection, serverTimes, statements: planStatements(connection, isReadOnly) };
}

function planStatements(
  { statements = [], protocol }: Plan['connection'],
  isReadOnly: boolean,
): StatementsPlan {
  const [first, ...others] = statements;
  return first === undefined
    ? { ...SELECT_ONE, protocol }
    : { texts: [first, ...others], protocol, isReadOnly };
}
