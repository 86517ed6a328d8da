import { requirePgBouncer } from '../lab/find-pgbouncer.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Pooler } from '../lab/pgbouncer.ts';
import { DEFAULT_RESERVE } from '../target/limits.ts';
import { listLabRoles, POOLED } from './assign-targets.ts';
import type { RunRequest } from './request.ts';
import { unlessStopped } from './unless-stopped.ts';

type LabRequest = Pick<RunRequest, 'loaded' | 'postgresBin' | 'stop' | 'observer'>;

/** A lab of a run's own, and the PgBouncer in front of it where a variant wants one. */
export interface RunLab {
  lab: Lab;
  pooler: Pooler | undefined;
  /** Each role that is wanted, and its connection string, as --target takes them. */
  targets: string[];
}

/**
 * Runs `use` with a lab of the run's own, which is gone when it resolves or throws. Throws UsageError, before anything is
 * started, where variants want of it what it has not.
 */
export async function withRunLab<T>(
  request: LabRequest,
  use: (lab: RunLab) => Promise<T>,
  requirePooler: () => string = requirePgBouncer,
): Promise<T> {
  const roles = listLabRoles(request.loaded.variants);
  if (roles.includes(POOLED)) requirePooler();
  const starting = startRunLab(request, roles);
  const started = await unlessStopped(request.stop, starting).catch((error: unknown) => {
    void starting.then(({ lab }) => lab.stop()).catch(() => {});
    throw error;
  });
  try {
    return await use(started);
  } finally {
    await started.lab.stop();
  }
}

/**
 * What the pool keeps open takes slots of the server from whoever storms it directly, though there is none of it when the slots
 * are counted.
 */
export function reservePool(request: RunRequest, { pooler }: RunLab): RunRequest {
  if (pooler === undefined) return request;
  const { reserve = DEFAULT_RESERVE } = request;
  return { ...request, reserve: reserve + pooler.poolSize * pooler.pids.length };
}

async function startRunLab(request: LabRequest, roles: readonly string[]): Promise<RunLab> {
  const { postgresBin, loaded, observer } = request;
  // All variants have the same.
  const [{ scenario }] = loaded.variants;
  const { settings, auth, forkCostMs } = scenario.lab?.postgres ?? {};
  const isPooled = roles.includes(POOLED);
  const also = isPooled ? ', and a PgBouncer in front of it' : '';
  observer.note(`no target given: starting a Postgres of our own${also}`);
  const lab = await startLab({
    ...(settings === undefined ? {} : { settings }),
    ...(auth === undefined ? {} : { auth }),
    ...(forkCostMs === undefined ? {} : { forkCostMs }),
    ...(postgresBin === undefined ? {} : { postgresBin }),
  });
  try {
    const pooler = isPooled ? await lab.startPooler(scenario.lab?.pgbouncer) : undefined;
    const urlOf = (role: string) => (role === POOLED ? pooler?.url : lab.url);
    return { lab, pooler, targets: roles.map((role) => `${role}=${urlOf(role)}`) };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}
