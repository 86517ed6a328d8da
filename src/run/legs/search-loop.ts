import { SearchFold } from '../../analysis/search/search-fold.ts';
import type { Coordinator } from '../../load/threads/coordinator.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import { describeSearch, planSearchStep, type SearchPlan } from '../../scenario/plan/search.ts';

/**
 * The loop of a search, step by step. It decides from the emitted records alone, so records read from a file lead to
 * the same decisions.
 */
export class SearchLoop {
  readonly #search: SearchPlan;
  readonly #fold: SearchFold;
  readonly #emit: (record: StreamRecord) => void;
  #steps = 0;

  /** `emit`: receives the decisions and steps. */
  constructor(search: SearchPlan, emit: (record: StreamRecord) => void) {
    this.#search = search;
    this.#fold = new SearchFold(describeSearch(search));
    this.#emit = emit;
  }

  /** Takes every record of the run. */
  add(record: StreamRecord): void {
    this.#fold.add(record);
  }

  /** Begins the next step, or ends the search. Call it once the step before has drained. */
  goOn(coordinator: Coordinator): void {
    coordinator.cut();
    const atUs = Math.max(0, coordinator.nowUs);
    const { reason, ...search } = this.#fold.decide(atUs);
    this.#emit({ type: 'decision', atUs, decision: 'search', reason, search });
    if (search.next === 'done') {
      coordinator.finish();
      return;
    }
    const step = coordinator.append((fromUs) =>
      planSearchStep(this.#search, search, { index: this.#steps++, fromUs }),
    );
    this.#emit({ type: 'step', ...step });
  }
}
