import { isUnixSocket } from '../../drivers/endpoint.ts';
import { renderUnlimited, UNLIMITED_CANARY } from '../../drivers/protocol/time-limits.ts';
import { UnreachableError } from '../../errors.ts';
import type { Failure } from '../../model/measures.ts';
import type { ProbesInput } from '../../probes/probes.ts';
import type { Target } from '../../targets/target.ts';
import { adviseOnRefusal } from '../../targets/visit/refusal-advice.ts';
import { isLocal } from '../../targets/visit/safety.ts';
import { hasOwnBackends } from '../../targets/visit/server-times.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { RunPorts, TargetProbes } from './ports.ts';

/**
 * Has the target looked at while it is stormed, and watched by the kill switch, where the variant wants either; of several
 * hosts the first. Throws UnreachableError `NO_CANARY` where the kill switch cannot connect its canary; nothing is left behind
 * where the run is stopped meanwhile.
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

/** A login just before was taken: what stood there then is known, what keeps it from answering now is not. */
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
          // The pooler's port is not the postmaster's.
          host: findHost(postmasterPid, seesHost, {
            port: isPooler || isUnixSocket(target.address) ? null : target.port,
          }),
          pooler: isPooler ? { isHere: isLocal(target.address) } : undefined,
        },
  };
}

/** What may be a pooler has its connections' settings shared, and refuses options: each question says it of itself. */
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
