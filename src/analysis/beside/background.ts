import { ErrorTable } from '../../model/error-table.ts';
import { Histogram } from '../../model/histogram.ts';
import type {
  ActCounts,
  BackendMemory,
  BackgroundRecord,
  BackgroundSummary,
  KeptCounts,
  OpeningRecord,
  WorkerCounts,
} from '../../result/records/background.ts';
import { summariseMetric } from '../figures/quantiles.ts';

/** Sums up the activities beside a load, each by itself, over all legs of a plan. */
export class BackgroundFold {
  readonly #activities = new Map<string, ActivityFold>();

  add(record: BackgroundRecord): void {
    const known = this.#activities.get(record.name);
    const activity = known ?? new ActivityFold(record);
    if (known === undefined) this.#activities.set(record.name, activity);
    activity.add(record);
  }

  /** Returns the activities in the order of the scenario. */
  list(): BackgroundSummary[] {
    return [...this.#activities.values()].map((activity) => activity.summarise());
  }
}

/** Returns whether an activity acted. Connections that are only held cost nothing. */
export function hasActed(background: readonly BackgroundSummary[] = []): boolean {
  return background.some(({ acts }) => acts.due > 0);
}

type KeptSums = NonNullable<BackgroundSummary['kept']>;

class ActivityFold {
  readonly #who: Pick<BackgroundRecord, 'name' | 'activity'>;
  readonly #acts: ActCounts = { due: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 };
  readonly #latency = new Histogram();
  readonly #errors = new ErrorTable();
  readonly #openings: OpeningRecord[] = [];
  #actingUs = 0;
  #inTime = 0;
  #workers: WorkerCounts | undefined;
  #kept: KeptSums | undefined;

  constructor({ name, activity }: BackgroundRecord) {
    this.#who = { name, activity };
  }

  add(record: BackgroundRecord): void {
    const { actingUs, acts, latency, inTime = 0, workers, errors, kept, opening } = record;
    this.#actingUs += actingUs;
    for (const key of Object.keys(this.#acts) as (keyof ActCounts)[]) this.#acts[key] += acts[key];
    this.#inTime += inTime;
    if (workers !== undefined) this.#workers = addWorkers(this.#workers, workers);
    if (latency !== undefined) this.#latency.add(Histogram.decode(latency));
    for (const error of errors) this.#errors.add(error);
    if (kept !== undefined) this.#kept = addKept(this.#kept, kept);
    if (opening !== undefined) this.#openings.push(opening);
  }

  summarise(): BackgroundSummary {
    const latency = this.#latency;
    const { failed, skipped, cancelled } = this.#acts;
    const inFlight = this.#countInFlight();
    // An act that failed or was not begun is no fast one: it ranks behind those that were done.
    const unseen = failed + skipped + cancelled + inFlight;
    const memory = addMemory(this.#openings);
    return {
      ...this.#who,
      actingUs: this.#actingUs,
      acts: { ...this.#acts },
      inFlight,
      ...(latency.count === 0
        ? {}
        : { latency: summariseMetric(latency, { elapsed: new Histogram(), unseen }) }),
      ...(this.#inTime === 0 ? {} : { inTime: this.#inTime }),
      ...(this.#workers === undefined ? {} : { workers: this.#workers }),
      errors: this.#errors.list(),
      ...(this.#kept === undefined ? {} : { kept: this.#kept }),
      ...(this.#openings.length === 0 ? {} : { openings: this.#openings }),
      ...(memory === undefined ? {} : { memory }),
    };
  }

  /** Returns the acts under way, by the law of the counts. */
  #countInFlight(): number {
    const { due, done, failed, skipped, cancelled } = this.#acts;
    return due - done - failed - skipped - cancelled;
  }
}

function addMemory(openings: readonly OpeningRecord[]): BackendMemory | undefined {
  const seen = openings.flatMap(({ memory }) => memory ?? []);
  return seen.length === 0
    ? undefined
    : {
        backends: seen.reduce((sum, { backends }) => sum + backends, 0),
        bytes: seen.reduce((sum, { bytes }) => sum + bytes, 0),
      };
}

function addWorkers(sums: WorkerCounts | undefined, own: WorkerCounts): WorkerCounts {
  const { planned = 0, launched = 0 } = sums ?? {};
  return { planned: planned + own.planned, launched: launched + own.launched };
}

function addKept(sums: KeptSums | undefined, { open, ...kept }: KeptCounts): KeptSums {
  if (sums === undefined) return { ...kept, fewestOpen: open };
  return {
    wanted: Math.min(sums.wanted, kept.wanted),
    fewestOpen: Math.min(sums.fewestOpen, open),
    lost: sums.lost + kept.lost,
    back: sums.back + kept.back,
    awayUs: sums.awayUs + kept.awayUs,
    longestAwayUs: Math.max(sums.longestAwayUs, kept.longestAwayUs),
  };
}
