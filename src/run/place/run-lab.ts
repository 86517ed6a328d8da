import { formatCounted } from '../../counted.ts';
import { collectSettings } from '../../lab/check-lab.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { requirePgBouncer } from '../../lab/pgbouncer/find-pgbouncer.ts';
import type { Pooler } from '../../lab/pgbouncer/pgbouncer.ts';
import { countServerConnections } from '../../lab/pgbouncer/pgbouncer-ini.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import type { Variant } from '../../scenario/plan/variants.ts';
import type { LabChoice } from '../../targets/naming/choose-lab.ts';
import type { RunRequest } from '../request.ts';
import { createInterrupted, unlessStopped } from '../unless-stopped.ts';
import { groupByLab } from './group-by-lab.ts';
import { ALL, listLabRoles, POOLED, PRIMARY, settleLabRoles } from './lab-roles.ts';

type LabRequest = Pick<RunRequest, 'postgresBin' | 'pins' | 'stop' | 'observer'> & {
  variants: LoadedScenario['variants'];
  choice: LabChoice;
};

/** A lab that a run started, and the PgBouncer in front of it if a variant wants one. */
export interface RunLab {
  /** Variants that use this lab: all that have the same `lab` settings. */
  variants: readonly [Variant, ...Variant[]];
  lab: Lab;
  pooler: Pooler | undefined;
  /** A connection string for each wanted role, in the form that --target takes. */
  targets: string[];
}

/**
 * Runs `use` with the run's labs, one for each `lab` that its variants have. The labs have ended when it resolves or
 * rejects. Throws UsageError, before anything is started, if variants want a role that the lab does not have, or a
 * pooler that is not installed.
 */
export async function withRunLabs<T>(
  request: LabRequest,
  use: (labs: readonly RunLab[]) => Promise<T>,
  requirePooler: () => string = requirePgBouncer,
): Promise<T> {
  const { variants: all, choice, observer } = request;
  const groups = groupByLab(all);
  const roles = settleRunLab(all, choice, requirePooler);
  observer.note(describeStart(choice, groups, roles), 'progress');
  const labs: RunLab[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(labs.map(({ lab }) => lab.stop()));
  };
  try {
    for (const variants of groups) labs.push(await startRunLab(request, variants));
    return await use(labs);
  } finally {
    await stopAll();
  }
}

/**
 * Returns the roles that variants want of the lab. Throws UsageError for a role that the lab does not have, and for a
 * pooler that is not installed.
 */
export function settleRunLab(
  variants: readonly Variant[],
  { roles: named }: LabChoice,
  requirePooler: () => string = requirePgBouncer,
): string[] {
  const roles = settleLabRoles(variants, named);
  if (roles.includes(POOLED)) requirePooler();
  return roles;
}

/** Returns the lab of a variant. */
export function findLab(labs: readonly RunLab[], name: string | undefined): RunLab | undefined {
  return labs.find(({ variants }) => variants.some((variant) => variant.name === name));
}

/** Returns a signal that is aborted when a lab has ended without being stopped. The reason is a text. */
export function watchLabs(labs: readonly RunLab[]): AbortSignal {
  const broken = new AbortController();
  for (const { lab } of labs) void lab.ended.then((how) => broken.abort(how));
  return broken.signal;
}

function describeStart(
  { isDefault }: LabChoice,
  groups: readonly (readonly [Variant, ...Variant[]])[],
  roles: readonly string[],
): string {
  const count = groups.length;
  const servers =
    count === 1 ? 'a Postgres for this run' : `${count} Postgres servers for this run`;
  const front = count === 1 ? 'in front of it' : 'in front where a variant needs it';
  const replicas = groups
    .map(([{ scenario }]) => scenario.lab?.replicas ?? 0)
    .reduce((sum, own) => sum + own, 0);
  const parts = [
    servers,
    ...(replicas === 0 ? [] : [formatCounted(replicas, 'replica')]),
    ...(roles.includes(POOLED) ? [`a PgBouncer ${front}`] : []),
  ];
  const last = parts.length > 1 ? `, and ${parts.pop()}` : '';
  return `${isDefault ? 'no target given' : 'the lab'}: starting ${parts.join(', ')}${last}`;
}

/**
 * Returns how many slots of the lab's server its pooler may take. They are counted before the pooler has opened any, so
 * a load that goes to the server directly must leave them free. `choice`: undefined for a run against a server.
 */
export function countPoolSlots(
  variants: readonly Variant[],
  choice: LabChoice | undefined,
): number {
  if (choice === undefined) return 0;
  const pools = groupByLab(variants)
    .filter((group) => listLabRoles(group, choice.roles).includes(POOLED))
    .map(([{ scenario }]) => countServerConnections(scenario.lab?.pgbouncer));
  return Math.max(0, ...pools);
}

async function startRunLab(
  { postgresBin, pins = {}, choice, stop }: LabRequest,
  variants: readonly [Variant, ...Variant[]],
): Promise<RunLab> {
  const [{ scenario }] = variants;
  const { auth, tls, forkCostMs, ...server } = scenario.lab?.postgres ?? {};
  // Flags override the scenario.
  const cpus = pins.server ?? server.cpus;
  const bin = postgresBin ?? server.bin;
  const roles = listLabRoles(variants, choice.roles);
  const lab = await startLab({
    settings: collectSettings(server),
    ...(auth === undefined ? {} : { auth }),
    ...(tls === undefined ? {} : { tls }),
    ...(forkCostMs === undefined ? {} : { forkCostMs }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(bin === undefined ? {} : { postgresBin: bin }),
    stop,
  }).catch((error: unknown) => {
    throw stop.aborted ? createInterrupted() : error;
  });
  try {
    await unlessStopped(stop, startReplicas(lab, scenario.lab));
    const isPooled = roles.includes(POOLED);
    const pooler = isPooled
      ? await unlessStopped(stop, lab.startPooler(scenario.lab?.pgbouncer))
      : undefined;
    const targets = roles.map((role) => `${role}=${urlOf(role, lab, pooler)}`);
    return { variants, lab, pooler, targets };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

async function startReplicas(lab: Lab, wish: Variant['scenario']['lab']): Promise<void> {
  const { replicas = 0, replicaCpus = [] } = wish ?? {};
  for (let index = 0; index < replicas; index++) {
    const cpus = replicaCpus[index];
    await lab.startReplica(cpus === undefined ? {} : { cpus });
  }
}

function urlOf(role: string, lab: Lab, pooler: Pooler | undefined): string | undefined {
  if (role === POOLED) return pooler?.url;
  if (role === ALL) return lab.allUrl;
  if (role === PRIMARY) return lab.primaryUrl;
  return lab.replicas.find(({ name }) => name === role)?.url ?? lab.url;
}
