import { isLoneHeader } from '../file-version.ts';
import type { BackgroundRecord } from '../records/background.ts';
import type { EventRecord } from '../records/events.ts';
import type { AnyHeader, HeaderRecord } from '../records/header.ts';

/** What the header says of the scenario of a leg. */
type Side = Pick<HeaderRecord, 'plan' | 'spec'>;

/**
 * Checks the records of events and of the background against the header and against each other:
 * - Each event is one of the plan. It has a beginning and then one end before the leg ends.
 * - Each activity is one of the scenario. The counts of its acts add up: those that were due, or were under way before,
 *   have ended or are under way.
 */
export class BesideSequence {
  readonly #header: AnyHeader;
  #side: Side | undefined;
  /** The events of this leg, by index. */
  #events = new Map<number, 'begun' | 'ended'>();
  /** Acts under way, by activity. */
  #inFlight = new Map<string, number>();

  constructor(header: AnyHeader) {
    this.#header = header;
    this.open(undefined);
  }

  /** A leg begins. `variant`: absent in a run of one scenario without variants. */
  open(variant: string | undefined): void {
    const header = this.#header;
    this.#side = isLoneHeader(header)
      ? header
      : header.variants.find(({ name }) => name === variant);
    this.#events = new Map();
    this.#inFlight = new Map();
  }

  /** As the check of a sequence: returns what is wrong, or undefined. */
  checkEvent({ index, kind, state }: EventRecord): string | undefined {
    const planned = this.#side?.plan.events?.[index];
    if (this.#side !== undefined && planned?.kind !== kind) {
      return `event ${index} is ${kind}, and ${planned === undefined ? 'the plan has no such event' : `the plan says ${planned.kind}`}`;
    }
    const known = this.#events.get(index);
    this.#events.set(index, state === 'begun' ? 'begun' : 'ended');
    if (state === 'begun') {
      return known === undefined ? undefined : `event ${index} begins a second time`;
    }
    if (known === 'ended') return `event ${index} ends a second time`;
    return known === undefined ? `event ${index} ends, and its beginning is missing` : undefined;
  }

  /** As the check of a sequence: returns what is wrong, or undefined. */
  checkBackground({ name, activity, acts, inFlight }: BackgroundRecord): string | undefined {
    const planned = findActivity(this.#side, name);
    if (this.#side !== undefined && planned !== activity) {
      return `background ${JSON.stringify(name)} is ${activity}, and ${planned === undefined ? 'the scenario has no such activity' : `the scenario says ${planned}`}`;
    }
    const { due, done, failed, skipped, cancelled } = acts;
    const before = this.#inFlight.get(name) ?? 0;
    this.#inFlight.set(name, inFlight);
    const accounted = done + failed + skipped + cancelled + inFlight;
    if (before + due === accounted) return undefined;
    return `acts of ${JSON.stringify(name)}: ${before} under way before + ${due} due must be ${done} done + ${failed} failed + ${skipped} skipped + ${cancelled} cancelled + ${inFlight} under way`;
  }

  /** Returns what is missing at the end of a leg, or undefined. */
  findMissing(): string | undefined {
    for (const [index, state] of this.#events) {
      if (state === 'begun') return `the end of event ${index} is missing`;
    }
    return undefined;
  }
}

/** Returns the kind of an activity of the scenario as its header has it; undefined: it has none of that name. */
function findActivity(side: Side | undefined, name: string): unknown {
  const background = side?.spec.background;
  if (typeof background !== 'object' || background === null) return undefined;
  const activity: unknown = new Map(Object.entries(background)).get(name);
  return (activity as { activity?: unknown } | null | undefined)?.activity;
}
