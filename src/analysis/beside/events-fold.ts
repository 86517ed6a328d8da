import type { EventRecord, EventSummary } from '../../result/records/events.ts';

/** Gathers the events of a plan, over all its legs. */
export class EventsFold {
  readonly #ended: EventSummary[] = [];
  /** Those of the present leg that have no end yet, by index. */
  #running = new Map<number, EventSummary>();
  #round = 1;

  openLeg(round: number): void {
    this.#ended.push(...this.#running.values());
    this.#running = new Map();
    this.#round = round;
  }

  add({ type: _, state, ...event }: EventRecord): void {
    const told = { ...event, round: this.#round };
    if (state === 'begun') {
      this.#running.set(event.index, { ...told, state: 'unfinished' });
    } else {
      this.#running.delete(event.index);
      this.#ended.push({ ...told, state });
    }
  }

  /** Returns the events that were begun, in the order of their rounds and beginnings. */
  list(): EventSummary[] {
    return [...this.#ended, ...this.#running.values()].sort(
      (a, b) => a.round - b.round || a.fromUs - b.fromUs || a.index - b.index,
    );
  }
}
