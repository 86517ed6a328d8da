import { UsageError } from '../../errors.ts';
import { suggestNearest } from '../../scenario/nearest.ts';
import type { Variant } from '../../scenario/plan/variants.ts';

/** The role of a target that is given without one, and of the lab's server. */
export const DIRECT = 'direct';

/** Where roles come from, for messages. */
export interface RoleOrigin {
  /** E.g. `the lab has`. */
  whatIs: string;
  /** Says how to get a role that is missing. */
  advise: (role: string) => string;
}

const NAMED: RoleOrigin = {
  whatIs: 'there is',
  advise: (role) => `give it with --target ${role}=URL`,
};

/** Returns the error for a repeated role. It does not quote the values, which may contain a password. */
export function refuseTwice(role: string): UsageError {
  const example = role === DIRECT ? 'pooled' : 'other';
  const message = `--target gives the role ${role} twice: give one of them another name, as in --target ${example}=URL`;
  return new UsageError('TARGET_REPEATED', message);
}

/**
 * Returns the role that a variant wants. Throws UsageError if there is no such role.
 *
 * @param origin how messages say where the roles come from, and what else would help
 */
export function pickRole(
  { name, scenario }: Variant,
  roles: readonly string[],
  origin: RoleOrigin = NAMED,
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
  const known = `${origin.whatIs} ${roles.length === 1 ? 'only ' : ''}${roles.join(', ')}`;
  const nearest = suggestNearest(wanted, roles);
  const message = `${wants}, and ${known}: ${origin.advise(wanted)}${nearest}`;
  throw new UsageError('TARGET_UNKNOWN', message);
}

/** Throws UsageError for a target that is given and not used: it is taken for a mistake. */
export function refuseIdle(given: readonly string[], wanted: readonly string[]): void {
  const idle = given.find((role) => !wanted.includes(role));
  if (idle === undefined) return;
  const message = `--target ${idle}=... is not used by this scenario: leave it out, or name it in the scenario with target: ${idle}`;
  throw new UsageError('TARGET_IDLE', message);
}
