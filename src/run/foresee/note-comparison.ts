import type { LoadedScenario } from '../../scenario/file/read.ts';
import type { Notes } from '../notes.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { type Foreseen, foreseeComparison } from './foresee-comparison.ts';

/** Warns of what would spoil the comparison of the variants. */
export function noteComparison(
  prepared: readonly Prepared[],
  loaded: Pick<LoadedScenario, 'repeat' | 'compare'>,
  notes: Notes,
): void {
  for (const warning of foreseeComparison(prepared.map(describe), loaded)) notes.warn(warning);
}

function describe({ name, scenario, plan, found: [{ target, server }] }: Prepared): Foreseen {
  const { connection, search } = plan;
  const { queries } = connection;
  const isSearch = search !== undefined;
  return { name, spec: scenario, queries, isSearch, role: target.role, target, server };
}
