import type { Completion, RecorderOptions } from '../../metrics/recorder-options.ts';
import type { RecoveryNeed } from '../../metrics/recovery/recovery-meter.ts';
import type { Plan } from '../../scenario/plan/plan.ts';

/** Returns what the recorder of a plan records. `countsHosts`: whether it counts attempts by host. */
export function planRecorder(plan: Plan, countsHosts: boolean): RecorderOptions {
  const { steps, retry, search, connection } = plan;
  return {
    steps,
    goalUs: retry?.goalUs,
    completes: search === undefined ? 'ready' : findCompletion(connection),
    tellsUsable: connection.tellsUsable,
    metersCrowds: search === undefined,
    countsHosts,
    recovery: findRecoveryNeed(plan),
  };
}

/** Returns when the recorder is to fill the field `recovery`; undefined: never. */
function findRecoveryNeed({ search, retry, events }: Plan): RecoveryNeed | undefined {
  if (search !== undefined) return undefined;
  if (events.length > 0) return 'always';
  return retry === undefined || retry.policy === 'none' ? undefined : 'onceCut';
}

/** What makes a connect of a search complete. */
function findCompletion({ queries, tellsUsable }: Plan['connection']): Completion {
  if (tellsUsable) return 'usable';
  return queries > 0 ? 'firstQuery' : 'ready';
}
