import type { SearchPlan } from '../../scenario/plan/search.ts';
import type { SearchSettings } from '../../scenario/plan/search-settings.ts';

/** What a result file tells of how a search goes: all that its decisions depend on. */
export function describeSearch(search: SearchPlan): SearchSettings {
  const { spacing, seed, gracefulStopUs, maxInFlight, maxOpen, ...record } = search;
  return record;
}
