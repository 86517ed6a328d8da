import { UsageError } from '../../errors.ts';
import { MOST_REPLICAS, nameReplica } from '../../lab/postgres/replicas.ts';
import type { Variant } from '../../scenario/plan/variants.ts';
import { DIRECT, pickRole, type RoleOrigin, refuseIdle, refuseTwice } from './pick-role.ts';

/** Role of the lab's pooler. */
export const POOLED = 'pooled';
/** Role of the server and all its replicas, over which attempts are spread. */
export const ALL = 'all';
/** Role of the server and all its replicas. The run uses the one that is the primary. */
export const PRIMARY = 'primary';

/** Returns the roles of a lab with that many replicas. */
function listRoles(replicas: number): string[] {
  if (replicas === 0) return [DIRECT, POOLED];
  const own = Array.from({ length: replicas }, (_, index) => nameReplica(index + 1));
  return [DIRECT, POOLED, ...own, ALL, PRIMARY];
}

/** Roles that a lab has only with replicas. */
const WITH_REPLICAS = listRoles(MOST_REPLICAS).slice(listRoles(0).length);

const LAB: RoleOrigin = {
  whatIs: 'the lab has',
  advise: (role) =>
    WITH_REPLICAS.includes(role)
      ? `set lab.replicas to ${Math.max(1, WITH_REPLICAS.slice(0, MOST_REPLICAS).indexOf(role) + 1)} or more, or give it with --target ${role}=URL`
      : `give it with --target ${role}=URL`,
};

/**
 * Returns the roles of the lab that the variants want. `named`: the only roles that the lab is to have, if --target
 * names them. Throws UsageError for a wanted role that the lab does not have.
 */
export function listLabRoles(variants: readonly Variant[], named?: readonly string[]): string[] {
  const wanted = variants.map((variant) => {
    const own = listRoles(variant.scenario.lab?.replicas ?? 0);
    return pickRole(variant, named?.filter((role) => own.includes(role)) ?? own, LAB);
  });
  return [...new Set(wanted)];
}

/**
 * Returns the roles of the lab that all variants of a run want. Throws UsageError also for a role that is unknown,
 * named twice or not used.
 */
export function settleLabRoles(
  variants: readonly Variant[],
  named: readonly string[] | undefined,
): string[] {
  if (named === undefined) return listLabRoles(variants);
  const replicas = variants.map(({ scenario }) => scenario.lab?.replicas ?? 0);
  const roles = listRoles(Math.max(0, ...replicas));
  const unknown = named.find((role) => !roles.includes(role));
  if (unknown !== undefined) throw refuseLabRole(unknown, roles);
  const repeated = named.find((role, index) => named.indexOf(role) !== index);
  if (repeated !== undefined) throw refuseTwice(repeated);
  const wanted = listLabRoles(variants, named);
  refuseIdle(named, wanted);
  return wanted;
}

function refuseLabRole(role: string, roles: readonly string[]): UsageError {
  const listed = `${roles.slice(0, -1).join(', ')} and ${roles.at(-1)}`;
  const message = `--target ${role}=lab: the lab has only ${listed}: give --target lab for all of them`;
  return new UsageError('TARGET_UNKNOWN', message);
}
