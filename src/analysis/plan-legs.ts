import type { ReconnectStorm } from '../model/ledgers.ts';
import { ReconnectStorms } from '../model/reconnects.ts';
import type { EndRecord } from '../result/records/end.ts';
import type { HeaderRecord } from '../result/records/header.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';

type LegEnd = Omit<EndRecord, 'type'>;

/** One leg, from its T0 to its end. */
interface Leg {
  last: Pick<IntervalRecord, 'toUs' | 'inFlight' | 'open' | 'waiting'>;
  readonly reconnects: ReconnectStorms;
  /** undefined: the leg is running, or the file was cut off in it. */
  end?: LegEnd;
}

/**
 * The legs of one plan: how far each ran, how it ended, and what was in flight then. Times are since the T0 of each
 * leg.
 */
export class PlanLegs {
  readonly #plan: Pick<HeaderRecord['plan'], 'durationUs' | 'search'>;
  readonly #legs: Leg[] = [];

  constructor(plan: Pick<HeaderRecord['plan'], 'durationUs' | 'search'>) {
    this.#plan = plan;
  }

  /** Begins one more leg, to which all that is added next belongs. */
  open(): void {
    this.#legs.push({
      last: { toUs: 0, inFlight: 0, open: 0 },
      reconnects: new ReconnectStorms(),
    });
  }

  /** Throws if no leg was opened. */
  addInterval(interval: IntervalRecord): void {
    for (const storm of interval.reconnects ?? []) this.#leg.reconnects.add(storm);
    this.#leg.last = interval;
  }

  /** Throws if no leg was opened. */
  addEnd(end: LegEnd): void {
    this.#leg.end = end;
  }

  get count(): number {
    return this.#legs.length;
  }

  /** End of the last leg; undefined: the leg is running, or the file was cut off in it. */
  get lastEnd(): LegEnd | undefined {
    return this.#legs.at(-1)?.end;
  }

  /** Returns the ends that the file has, in the order of the legs. */
  listEnds(): LegEnd[] {
    return this.#legs.flatMap(({ end }) => end ?? []);
  }

  /** Attempts in flight at the ends of the legs. */
  get inFlight(): number {
    return this.#legs.reduce((sum, { last }) => sum + last.inFlight, 0);
  }

  /** Connections open at the ends of the legs. */
  get openConnections(): number {
    return this.#legs.reduce((sum, { last }) => sum + last.open, 0);
  }

  /** Sessions waiting at the ends of the legs. */
  get waiting(): number {
    return this.#legs.reduce((sum, { last }) => sum + (last.waiting ?? 0), 0);
  }

  listStorms(): ReconnectStorm[] {
    return this.#legs.flatMap(({ reconnects }) => reconnects.list());
  }

  /** Returns the end of the last interval, by leg. */
  listEndedUs(): number[] {
    return this.#legs.map(({ last }) => last.toUs);
  }

  /**
   * Returns when arrivals ended, by leg: at the plan's end, or earlier if the leg was stopped or the file was cut off.
   */
  listRanUntilUs(): number[] {
    return this.#legs.map((leg) => this.#ranUntilUs(leg));
  }

  #ranUntilUs({ last, end }: Leg): number {
    const { durationUs, search } = this.#plan;
    if (search !== undefined) return end?.stopAtUs ?? end?.atUs ?? last.toUs;
    if (end === undefined) return Math.min(last.toUs, durationUs);
    const { stoppedBy, stopAtUs, atUs } = end;
    return stoppedBy === 'end' ? durationUs : Math.min(stopAtUs ?? atUs, durationUs);
  }

  get #leg(): Leg {
    const leg = this.#legs.at(-1);
    if (leg === undefined) throw new RangeError('it belongs to no leg');
    return leg;
  }
}
