import type { Notes } from '../notes.ts';
import type { Planned, Prepared } from './prepared.ts';

/** All variants that storm one target in the same way. */
export interface TargetGroup {
  variants: readonly [Planned, ...Planned[]];
  /** Role of the target if there are several targets; undefined: it is the only one. */
  role: string | undefined;
  /** Notes about this target. */
  notes: Notes;
}

/** Groups the variants by their target, in the order of the groups' first variants. */
export function groupByTarget(planned: readonly Planned[], notes: Notes): TargetGroup[] {
  const groups = new Map<Planned['resolved'], [Planned, ...Planned[]]>();
  for (const variant of planned) {
    const group = groups.get(variant.resolved);
    if (group === undefined) groups.set(variant.resolved, [variant]);
    else group.push(variant);
  }
  return [...groups].map(([{ hosts }, variants]) => {
    const role = groups.size > 1 ? hosts[0]?.target.role : undefined;
    return { variants, role, notes: role === undefined ? notes : notes.of(role) };
  });
}

/** Puts the variants back into the order of the scenario. */
export function keepOrder(planned: readonly Planned[], prepared: readonly Prepared[]): Prepared[] {
  return planned.flatMap(({ name }) => prepared.find((variant) => variant.name === name) ?? []);
}
