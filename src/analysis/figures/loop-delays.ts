import { Histogram } from '../../model/histogram.ts';
import { LOOP_BEAT_US } from '../../model/measures.ts';
import type { GeneratorSample } from '../../result/records/samples.ts';

/** Collects how late the event loops of all workers came to their timers within a window, from samples. */
export class LoopDelays {
  readonly histogram = new Histogram();
  readonly #window: { fromUs: number; toUs: number };

  constructor(window: { fromUs: number; toUs: number }) {
    this.#window = window;
  }

  add({ atUs, workers = [] }: GeneratorSample): void {
    const { fromUs, toUs } = this.#window;
    for (const { loopDelaysUs = [] } of workers) {
      // Counted back from the last beat. The beats of a hold-up that began before the sample were due before it.
      let dueUs = atUs - (loopDelaysUs.length - 0.5) * LOOP_BEAT_US;
      for (const us of loopDelaysUs) {
        if (dueUs >= fromUs && dueUs < toUs) this.histogram.record(us);
        dueUs += LOOP_BEAT_US;
      }
    }
  }
}
