import { isUnixSocket } from '../../drivers/endpoint.ts';
import { renderUnlimited, UNLIMITED_CANARY } from '../../drivers/protocol/time-limits.ts';
import { UnreachableError } from '../../errors.ts';
import type { Failure } from '../../model/measures.ts';
import type { ProbesInput } from '../../probes/probes.ts';
import type { Target } from '../../targets/target.ts';
import { adviseOnRefusal } from '../../targets/visit/refusal/refusal-advice.ts';
import { isLocal } from '../../targets/visit/safety.ts';
import { hasOwnBackends } from '../../targets/visit/server-times.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { RunPorts, TargetProbes } from './ports.ts';

/**
 * Starts the probes and the kill switch of a target, if the variant wants either. With several hosts they watch the
 * first. Throws UnreachableError `NO_CANARY` if the kill switch cannot connect its canary. If the run is stopped
 * meanwhile, it throws and leaves no probe behind.
 */
export async function startProbes(
  prepared: Prepared,
  stop: AbortSignal,
  ports: RunPorts,
): Promise<TargetProbes | undefined> {
  const { watch, hasProbes } = prepared;
  if (watch === undefined && !hasProbes) return undefined;
  const starting = ports.startProbes(describeInput(prepared)).catch((cause: Error) => {
    if (watch === undefined) throw cause;
    const advice = adviseOnCanary(prepared.found[0].target, cause.cause as Failure | undefined);
    const message = `the kill switch could not connect its canary: ${cause.message}: ${advice}`;
    throw new UnreachableError('NO_CANARY', message, { cause });
  });
  try {
    return await unlessStopped(stop, starting);
  } catch (error) {
    void starting.then((probes) => probes.stop()).catch(() => {});
    throw error;
  }
}

/**
 * Returns advice for a canary that could not connect. A login just before succeeded. So what the login showed is known,
 * but not what keeps the server from answering now.
 */
function adviseOnCanary(target: Target, failure: Failure | undefined): string {
  if (failure?.layer === 'server') return adviseOnRefusal(target, failure, undefined);
  if (failure?.layer === 'local') return "check this machine's limits";
  return 'the target accepted a login just before: see its log, and repeat the run when it answers queries (connstorm inspect shows whether it does)';
}

function describeInput({
  watch,
  isBeyondSlots,
  hasProbes,
  seesHost,
  plan,
  found,
}: Prepared): ProbesInput {
  const [{ target, server, postmasterPid }] = found;
  const isPooler = server.pooler === true;
  return {
    endpoint: target,
    isEncrypted: server.tls !== null,
    ...describeUnlimited(server),
    timeoutUs: plan.connection.timeoutUs,
    watch: watch === undefined ? undefined : { ...watch, endsStep: plan.search !== undefined },
    isFullExpected: isBeyondSlots,
    sampled: !hasProbes
      ? undefined
      : {
          // A pooler's port is not that of the postmaster.
          host: findHost(postmasterPid, seesHost, {
            port: isPooler || isUnixSocket(target.address) ? null : target.port,
          }),
          pooler: isPooler ? { isHere: isLocal(target.address) } : undefined,
        },
  };
}

/**
 * Returns how the probes lift their connections' limits. Connections through a pooler share settings, and a pooler
 * refuses startup options, so each question lifts the limits itself there.
 */
function describeUnlimited(
  server: Prepared['found'][number]['server'],
): Pick<ProbesInput, 'unlimited'> {
  if (!hasOwnBackends(server)) return { unlimited: { question: UNLIMITED_CANARY } };
  const options = renderUnlimited(server.version);
  return options === undefined ? {} : { unlimited: { options } };
}

function findHost(
  pid: number | null,
  isWanted: boolean,
  { port }: { port: number | null },
): { pid: number; port: number | null } | { reason: string } {
  if (!isWanted) return { reason: NOT_WANTED };
  return pid === null ? { reason: NO_POSTMASTER } : { pid, port };
}

const NOT_WANTED = 'the scenario switches it off (probes.host)';
const NO_POSTMASTER = 'the server is not on this machine, or connstorm cannot see its postmaster';
