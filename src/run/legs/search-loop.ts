import { SearchFold } from '../../analysis/search/search-fold.ts';
import type { Coordinator } from '../../load/threads/coordinator.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import { describeSearch, planSearchStep, type SearchPlan } from '../../scenario/plan/search.ts';

/**
 * Lets a search decide step after step. All that it knows is what has been told: the same records decide the same, from
 * the file as well.
 */
export class SearchLoop {
  readonly #search: SearchPlan;
  readonly #fold: SearchFold;
  readonly #tell: (record: StreamRecord) => void;
  #steps = 0;

  /** `tell`: where decisions and steps go. */
  constructor(search: SearchPlan, tell: (record: StreamRecord) => void) {
    this.#search = search;
    this.#fold = new SearchFold(describeSearch(search));
    this.#tell = tell;
  }

  /** Takes everything that is told of the run. */
  add(record: StreamRecord): void {
    this.#fold.add(record);
  }

  /** The step before has drained: on with the next, or the search is done. */
  goOn(coordinator: Coordinator): void {
    coordinator.cut();
    const atUs = Math.max(0, coordinator.nowUs);
    const { reason, ...search } = this.#fold.decide(atUs);
    this.#tell({ type: 'decision', atUs, decision: 'search', reason, search });
    if (search.next === 'done') {
      coordinator.finish();
      return;
    }
    const step = coordinator.append((fromUs) =>
      planSearchStep(this.#search, search, { index: this.#steps++, fromUs }),
    );
    this.#tell({ type: 'step', ...step });
  }
}
