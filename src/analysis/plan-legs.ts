import type { ReconnectStorm } from '../model/ledgers.ts';
import { ReconnectStorms } from '../model/reconnects.ts';
import type { EndRecord } from '../result/records/end.ts';
import type { HeaderRecord } from '../result/records/header.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';

type LegEnd = Omit<EndRecord, 'type'>;

/** One pass through the plan, from its T0 to its end. */
interface Leg {
  last: Pick<IntervalRecord, 'toUs' | 'inFlight' | 'open' | 'waiting'>;
  readonly reconnects: ReconnectStorms;
  /** undefined: it goes on, or the file was cut off in it. */
  end?: LegEnd;
}

/** The legs of one plan: how far each came, how it ended, and what was under way then. Times are since the T0 of each leg. */
export class PlanLegs {
  readonly #plan: Pick<HeaderRecord['plan'], 'durationUs' | 'search'>;
  readonly #legs: Leg[] = [];

  constructor(plan: Pick<HeaderRecord['plan'], 'durationUs' | 'search'>) {
    this.#plan = plan;
  }

  /** What is added from here on belongs to one more leg. */
  open(): void {
    this.#legs.push({
      last: { toUs: 0, inFlight: 0, open: 0 },
      reconnects: new ReconnectStorms(),
    });
  }

  /** Throws where no leg was opened. */
  addInterval(interval: IntervalRecord): void {
    for (const storm of interval.reconnects ?? []) this.#leg.reconnects.add(storm);
    this.#leg.last = interval;
  }

  /** Throws where no leg was opened. */
  addEnd(end: LegEnd): void {
    this.#leg.end = end;
  }

  get count(): number {
    return this.#legs.length;
  }

  /** The end of the last leg; undefined: it goes on, or the file was cut off in it. */
  get lastEnd(): LegEnd | undefined {
    return this.#legs.at(-1)?.end;
  }

  /** The ends that the file has, in the order of the legs. */
  listEnds(): LegEnd[] {
    return this.#legs.flatMap(({ end }) => end ?? []);
  }

  /** Attempts in flight where the legs ended. */
  get inFlight(): number {
    return this.#legs.reduce((sum, { last }) => sum + last.inFlight, 0);
  }

  /** Connections open where the legs ended. */
  get openConnections(): number {
    return this.#legs.reduce((sum, { last }) => sum + last.open, 0);
  }

  /** Sessions waiting where the legs ended. */
  get waiting(): number {
    return this.#legs.reduce((sum, { last }) => sum + (last.waiting ?? 0), 0);
  }

  listStorms(): ReconnectStorm[] {
    return this.#legs.flatMap(({ reconnects }) => reconnects.list());
  }

  /** Where the last interval of each leg ends. */
  listEndedUs(): number[] {
    return this.#legs.map(({ last }) => last.toUs);
  }

  /** Until when arrivals came, by leg: all of the plan, or less where the leg was stopped or the file cut off. */
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
