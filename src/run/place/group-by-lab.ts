import type { Variant } from '../../scenario/plan/variants.ts';

/** Groups the variants that have the same `lab` settings and so share a lab. */
export function groupByLab(variants: readonly Variant[]): [Variant, ...Variant[]][] {
  const groups = new Map<string, [Variant, ...Variant[]]>();
  for (const variant of variants) {
    const key = JSON.stringify(variant.scenario.lab ?? {});
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [variant]);
    else group.push(variant);
  }
  return [...groups.values()];
}
