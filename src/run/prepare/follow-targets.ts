import { UsageError } from '../../errors.ts';
import { BASE } from '../../result/lift.ts';
import { type Plan, planRun } from '../../scenario/plan/plan.ts';
import type { Scenario } from '../../scenario/schema/schema.ts';
import type { ResolvedTarget } from '../../targets/naming/resolved-target.ts';
import { followConnectTimeout } from '../../targets/naming/settings/connect-timeout.ts';
import { checkPlanFits } from '../../targets/visit/local-addresses.ts';
import { blameVariant } from '../blame-variant.ts';
import type { Notes } from '../notes.ts';
import type { Assigned } from '../place/assign-targets.ts';
import type { Planned } from './prepared.ts';

/**
 * Plans each variant for its target, and notes what is known of targets without a connection. A run and a dry run both
 * use it. `flagged`: paths of the fields that flags set.
 *
 * @throws UsageError, which names the variant, if a target cannot be stormed as planned
 */
export function followTargets(
  assigned: readonly Assigned[],
  flagged: readonly string[] = [],
  notes: Notes,
): Planned[] {
  const followed = assigned.map(({ variant, resolved }) => {
    const whole = { scenario: variant.scenario, flagged: listFlagged(flagged, variant.name) };
    return blameVariant(variant.name, () => {
      const [{ scenario }, note] = followConnectTimeout(whole, resolved.connectTimeoutS);
      const name = variant.name ?? BASE;
      const plan = planRun(scenario);
      refuseSpreadSearch(plan, resolved, scenario.connection.hosts);
      refuseMisfit(plan, resolved);
      return { planned: { name, variant: variant.name, scenario, plan, resolved }, note };
    });
  });
  notes.warnEach(followed.map(({ planned: { name }, note }) => [name, note]));
  for (const { resolved } of assigned) {
    for (const warning of resolved.warnings) notes.warn(warning);
  }
  return followed.map(({ planned }) => planned);
}

/** Returns the paths of a variant's fields that flags set, for all variants or for this one. */
function listFlagged(paths: readonly string[], variant: string | undefined): string[] {
  const own = `variants.${variant}.`;
  return paths.map((path) => (path.startsWith(own) ? path.slice(own.length) : path));
}

function refuseSpreadSearch(
  { search }: Plan,
  { hosts, spread }: ResolvedTarget,
  chosen: Scenario['connection']['hosts'],
): void {
  if (search === undefined || hosts.length === 1) return;
  if (chosen === 'each-attempt') {
    const message = `a saturation-search measures one server, and with connection.hosts each-attempt the clients choose among ${hosts.length}: name one host, or leave connection.hosts out`;
    throw new UsageError('SEARCH_SPREAD', message);
  }
  if (!spread) return;
  const message = `a saturation-search measures one server, and attempts would be spread over ${hosts.length}: name one host, or leave load_balance_hosts out`;
  throw new UsageError('SEARCH_SPREAD', message);
}

/** Throws UsageError if the plan fits no address of the target. If it fits at least one, the first login decides. */
function refuseMisfit({ connection }: Plan, { hosts }: ResolvedTarget): void {
  const places = hosts.flatMap(({ target, addresses }) =>
    addresses.map((address) => ({ ...target, address })),
  );
  const [first, ...others] = places;
  if (first === undefined || others.some((place) => fits(connection, place))) return;
  checkPlanFits(connection, first);
}

function fits(...given: Parameters<typeof checkPlanFits>): boolean {
  try {
    checkPlanFits(...given);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
