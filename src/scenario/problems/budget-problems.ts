import { type Budget, parseBudget } from '../budget.ts';
import { suggestNearest } from '../nearest.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import type { Scenario } from '../schema/schema.ts';
import { findObstacle } from './figure-obstacle.ts';

/** A variant that is well-formed. */
export interface Named {
  /** undefined: the file has no variants, and this is its only scenario. */
  name: string | undefined;
  scenario: Scenario;
}

/**
 * Returns a problem for each budget on a figure that these variants cannot have. Texts that are no budgets are skipped.
 * `names`: the names of all variants, including those that are not well-formed.
 */
export function findBudgetProblems(
  budgets: readonly string[],
  variants: readonly Named[],
  names: readonly string[] = variants.flatMap(({ name }) => name ?? []),
): ScheduleProblem[] {
  return budgets.flatMap((given, index) => {
    const budget = parseBudget(given);
    if ('fault' in budget) return [];
    const text = describeProblem(budget, variants, names);
    return text === undefined ? [] : [{ path: ['budgets', index], text: `"${given}" ${text}` }];
  });
}

function describeProblem(
  budget: Budget,
  variants: readonly Named[],
  names: readonly string[],
): string | undefined {
  const { variant } = budget;
  if (variant !== undefined && !names.includes(variant)) {
    return names.length === 0
      ? 'selects a variant, and the scenario has none: leave the braces out'
      : `selects a variant that does not exist: there are ${names.join(', ')}${suggestNearest(variant, names)}`;
  }
  for (const { name, scenario } of variants) {
    if (variant !== undefined && variant !== name) continue;
    const obstacle = findObstacle(budget.figure, scenario);
    const whose = name === undefined ? '' : `variant ${name}: `;
    if (obstacle !== undefined) return `does not fit the scenario: ${whose}${obstacle}`;
  }
  return undefined;
}
