import type { Variant } from '../../scenario/plan/variants.ts';
import { allowIterations } from '../../targets/naming/allow-iterations.ts';
import { resolveTarget, type TargetRequest } from '../../targets/naming/resolve.ts';
import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import { parseTargetOption } from '../../targets/naming/sources/connection-string.ts';
import { DIRECT, pickRole, refuseIdle, refuseTwice } from './pick-role.ts';

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

function listRoles(texts: readonly (string | undefined)[]): Map<string, string | undefined> {
  const byRole = new Map<string, string | undefined>();
  for (const text of texts) {
    const role = parseTargetOption(text ?? '').role ?? DIRECT;
    if (byRole.has(role)) throw refuseTwice(role);
    byRole.set(role, text);
  }
  return byRole;
}
