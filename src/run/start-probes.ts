import { Probes, type ProbesInput } from '../probes/probes.ts';
import type { Prepared } from './prepare.ts';
import { unlessStopped } from './unless-stopped.ts';

/** Has the target looked at while it is stormed, where the variant wants that. Nothing is left behind where the run is stopped meanwhile. */
export async function startProbes(
  { hasProbes, found, plan }: Prepared,
  stop: AbortSignal,
): Promise<Probes | undefined> {
  if (!hasProbes) return undefined;
  const [{ target, server, postmasterPid }] = found;
  const input: ProbesInput = {
    endpoint: target,
    isEncrypted: server.tls !== null,
    timeoutUs: plan.connection.timeoutUs,
    host:
      postmasterPid === null
        ? { reason: NO_POSTMASTER }
        : { pid: postmasterPid, port: target.port },
    isPooler: server.pooler === true,
  };
  const starting = Probes.start(input);
  try {
    return await unlessStopped(stop, starting);
  } catch (error) {
    void starting.then((probes) => probes.stop()).catch(() => {});
    throw error;
  }
}

const NO_POSTMASTER =
  'the server is not on this machine, or its postmaster cannot be seen from here';
