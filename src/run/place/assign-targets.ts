import { UsageError } from '../../errors.ts';
import { suggestNearest } from '../../scenario/nearest.ts';
import type { Variant } from '../../scenario/plan/variants.ts';
import { allowIterations } from '../../targets/naming/allow-iterations.ts';
import { resolveTarget, type TargetRequest } from '../../targets/naming/resolve.ts';
import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import { parseTargetOption } from '../../targets/naming/sources/connection-string.ts';

/** A variant and its target. Variants that storm the same target in the same way share the object `resolved`. */
export interface Assigned {
  variant: Variant;
  resolved: ResolvedTarget;
}

export interface TargetsRequest {
  variants: readonly [Variant, ...Variant[]];
  /** The values of --target. */
  texts: readonly string[];
  env: Record<string, string | undefined>;
  /** Passed to resolveTarget. */
  isLab?: boolean;
}

/**
 * Returns the target of each variant, by its role. Throws UsageError for a role that is named twice, unknown or not
 * used, before it resolves any name. Throws whatever resolving throws.
 */
export async function assignTargets(request: TargetsRequest): Promise<[Assigned, ...Assigned[]]> {
  const { variants, texts, env, isLab = false } = request;
  const byRole = listRoles(texts.length > 0 ? texts : [env.CONNSTORM_TARGET || undefined]);
  const roles = variants.map((variant) => pickRole(variant, [...byRole.keys()]));
  refuseIdle([...byRole.keys()], roles);
  const resolved = new Map<string, ResolvedTarget>();
  const assigned: Assigned[] = [];
  for (const [index, variant] of variants.entries()) {
    const role = roles[index] ?? DIRECT;
    const { sslmode, maxScramIterations } = variant.scenario.connection;
    const key = `${role} ${sslmode} ${maxScramIterations}`;
    const given = { text: byRole.get(role), role, env, sslmode, isLab };
    const target =
      resolved.get(key) ?? allowIterations(await resolveServer(given), maxScramIterations);
    resolved.set(key, target);
    assigned.push({ variant, resolved: target });
  }
  const [first, ...others] = assigned;
  if (first === undefined) throw new Error('there is no variant');
  return [first, ...others];
}

async function resolveServer(request: TargetRequest): Promise<ResolvedTarget> {
  const resolved = await resolveTarget(request);
  if (resolved === undefined) throw new Error('the lab has no connection string');
  return resolved;
}

/**
 * Assigns targets to variants that use a lab. A lab is reached by its URLs alone: libpq's variables are not meant for
 * it. Returns them in the order of `variants`.
 */
export async function assignLabs(
  variants: readonly Variant[],
  labs: readonly { variants: TargetsRequest['variants']; targets: readonly string[] }[],
): Promise<Assigned[]> {
  const assigned: Assigned[] = [];
  for (const { variants: own, targets } of labs) {
    assigned.push(
      ...(await assignTargets({ variants: own, texts: targets, env: {}, isLab: true })),
    );
  }
  return variants.flatMap((variant) => assigned.filter((it) => it.variant === variant));
}

const DIRECT = 'direct';
/** Role of the lab's pooler. */
export const POOLED = 'pooled';
const LAB_ROLES = [DIRECT, POOLED];

/**
 * Returns the roles of the lab that the variants want. `named`: the only roles that the lab is to have, if --target
 * names them. Throws UsageError for a wanted role that the lab does not have.
 */
export function listLabRoles(
  variants: readonly Variant[],
  named: readonly string[] = LAB_ROLES,
): string[] {
  return [...new Set(variants.map((variant) => pickRole(variant, named, 'the lab has')))];
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
  const unknown = named.find((role) => !LAB_ROLES.includes(role));
  if (unknown !== undefined) throw refuseLabRole(unknown);
  const repeated = named.find((role, index) => named.indexOf(role) !== index);
  if (repeated !== undefined) throw refuseTwice(repeated);
  const wanted = listLabRoles(variants, named);
  refuseIdle(named, wanted);
  return wanted;
}

function refuseLabRole(role: string): UsageError {
  const message = `--target ${role}=lab: the lab has only ${LAB_ROLES.join(' and ')}: give --target lab for both`;
  return new UsageError('TARGET_UNKNOWN', message);
}

function listRoles(texts: readonly (string | undefined)[]): Map<string, string | undefined> {
  const byRole = new Map<string, string | undefined>();
  for (const text of texts) {
    const role = parseTargetOption(text ?? '').role ?? DIRECT;
    if (byRole.has(role)) throw refuseTwice(role);
    byRole.set(role, text);
  }
  return byRole;
}

/** Returns the error for a repeated role. It does not quote the values, which may contain a password. */
function refuseTwice(role: string): UsageError {
  const example = role === DIRECT ? 'pooled' : 'other';
  const message = `--target gives the role ${role} twice: give one of them another name, as in --target ${example}=URL`;
  return new UsageError('TARGET_REPEATED', message);
}

function pickRole(
  { name, scenario }: Variant,
  roles: readonly string[],
  whatIs = 'there is',
): string {
  const { target } = scenario;
  const [only] = roles;
  const wanted = target ?? (roles.length === 1 ? only : DIRECT) ?? DIRECT;
  if (roles.includes(wanted)) return wanted;
  const who = name === undefined ? 'the scenario' : `variant ${name}`;
  const wants =
    target === undefined
      ? `${who} names no target, so it uses direct if there are several`
      : `${who} wants the target ${target}`;
  const known = `${whatIs} ${roles.length === 1 ? 'only ' : ''}${roles.join(', ')}`;
  const nearest = suggestNearest(wanted, roles);
  const message = `${wants}, and ${known}: give it with --target ${wanted}=URL${nearest}`;
  throw new UsageError('TARGET_UNKNOWN', message);
}

/** Throws UsageError for a target that is given and not used: it is taken for a mistake. */
function refuseIdle(given: readonly string[], wanted: readonly string[]): void {
  const idle = given.find((role) => !wanted.includes(role));
  if (idle === undefined) return;
  const message = `--target ${idle}=... is not used by this scenario: leave it out, or name it in the scenario with target: ${idle}`;
  throw new UsageError('TARGET_IDLE', message);
}
