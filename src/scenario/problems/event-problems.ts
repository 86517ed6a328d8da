import { describeGot } from '../describe-got.ts';
import { parseDuration } from '../duration.ts';
import type { EventKind } from '../event-kinds.ts';
import { valueAt } from '../file/field-path.ts';
import { measureBlockUs, type ScheduleProblem } from '../plan/schedule.ts';
import { eventSchema, MOST_EVENTS, type ScenarioEvent } from '../schema/beside/events-schema.ts';
import { type Load, type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Stop } from '../schema/session-schema.ts';

/** What the moments of events are checked against; undefined: it is missing, or not well-formed. */
export interface AroundEvents {
  load: Load | undefined;
  stop: Stop | undefined;
  /** `lab` as in the file. */
  lab: unknown;
  /** `killSwitch` as in the file. */
  killSwitch: unknown;
}

/** Finds what is wrong between the well-formed ones of the events, and between them and the load. */
export function findEventProblems(given: unknown, around: AroundEvents): ScheduleProblem[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_EVENTS) return [];
  const { load } = around;
  const blocks = load === undefined ? [] : listBlocks<LoadBlock>(load).map(({ block }) => block);
  if (blocks.some(({ executor }) => executor === 'saturation-search')) {
    return [{ path: ['events'], text: NO_SEARCH }];
  }
  const events = given.flatMap((data: unknown, index) => {
    const { data: event } = eventSchema.safeParse(data);
    return event === undefined ? [] : [{ event, index }];
  });
  const endUs = Math.max(0, ...blocks.map(findEndUs));
  return [
    ...findTwins(events),
    ...events.flatMap(({ event, index }) => [
      ...(blocks.length === 0 ? [] : findLate(event, index, { endUs, stop: around.stop })),
      ...findTooLong(event, index),
      ...findWithoutStandby(event, index, around.lab),
      ...findWatched(event, index, around.killSwitch),
    ]),
    ...findSecondPromotion(events),
    ...findOutOfOrder(events),
  ];
}

const NO_SEARCH =
  'cannot be used with saturation-search: an event would spoil steps that are not known beforehand. Use another ' +
  'executor, or leave events out';

interface Placed {
  event: ScenarioEvent;
  index: number;
}

function findEndUs(block: LoadBlock): number {
  if (block.executor === 'saturation-search') return 0;
  return parseDuration(block.startTime) + measureBlockUs(block);
}

/** Finds events that begin at the moment of an earlier one in the list. */
function findTwins(events: readonly Placed[]): ScheduleProblem[] {
  return events.flatMap(({ event: { at }, index }) => {
    const us = parseDuration(at);
    const twin = events.find(
      (other) => other.index < index && parseDuration(other.event.at) === us,
    );
    if (twin === undefined) return [];
    const text = `must not be the same moment as that of events[${twin.index}], because their order would not be known: put it at least 1us earlier or later`;
    return [{ path: ['events', index, 'at'], text: describeGot(text, at) }];
  });
}

function findLate(
  { at }: ScenarioEvent,
  index: number,
  { endUs, stop }: { endUs: number; stop: Stop | undefined },
): ScheduleProblem[] {
  const path = ['events', index, 'at'];
  const us = parseDuration(at);
  if (us >= endUs) {
    const text = `must be before the end of the load (${endUs / 1_000_000}s), or no load would meet the event`;
    return [{ path, text: describeGot(text, at) }];
  }
  if (stop?.after === undefined || us < parseDuration(stop.after)) return [];
  const text = `must be before stop.after (${stop.after}), or the event would never begin`;
  return [{ path, text: describeGot(text, at) }];
}

/** Finds a stall that is sure to outlast the time that it allows. */
function findTooLong(event: ScenarioEvent, index: number): ScheduleProblem[] {
  if (event.do !== 'stall' || parseDuration(event.duration) < parseDuration(event.allow)) return [];
  const text = `must be shorter than allow (${event.allow}), which is how long the event may take`;
  return [{ path: ['events', index, 'duration'], text: describeGot(text, event.duration) }];
}

function findWithoutStandby(
  { do: kind }: ScenarioEvent,
  index: number,
  lab: unknown,
): ScheduleProblem[] {
  const replicas = valueAt(lab, ['replicas']);
  if (kind !== 'promote' || (typeof replicas === 'number' && replicas > 0)) return [];
  const text = 'cannot be promote without a standby: set lab.replicas to 1 or more';
  return [{ path: ['events', index, 'do'], text }];
}

/** Finds a promotion that takes away the server that the kill switch watches. */
function findWatched(event: ScenarioEvent, index: number, killSwitch: unknown): ScheduleProblem[] {
  const isWatched = killSwitch !== undefined && killSwitch !== false;
  if (event.do !== 'promote' || !event.lostPrimary || !isWatched) return [];
  const text =
    'cannot be true with killSwitch, which watches the primary and would end the run because it does not come back: leave killSwitch out';
  return [{ path: ['events', index, 'lostPrimary'], text }];
}

/** Finds promotions after the first one, whose standby is the primary then. */
function findSecondPromotion(events: readonly Placed[]): ScheduleProblem[] {
  const [first, ...others] = events
    .filter(({ event }) => event.do === 'promote')
    .toSorted((a, b) => parseDuration(a.event.at) - parseDuration(b.event.at));
  return others.map(({ index }) => {
    const text = `cannot be promote again, because events[${first?.index}] has promoted the standby: leave one of them out`;
    return { path: ['events', index, 'do'], text };
  });
}

/** What cannot be done to a server that is stopped. The sessions of the storm may be at another one. */
const NEEDS_SERVER: readonly EventKind[] = ['restart', 'stop', 'crash', 'stall', 'reload'];

/** Finds what a server that is stopped cannot do, and a start of a server that runs. */
function findOutOfOrder(events: readonly Placed[]): ScheduleProblem[] {
  const sorted = events.toSorted(
    (a, b) => parseDuration(a.event.at) - parseDuration(b.event.at) || a.index - b.index,
  );
  let stoppedBy: number | undefined;
  return sorted.flatMap(({ event, index }) => {
    const { do: kind } = event;
    const before = stoppedBy;
    if (kind === 'stop' || (event.do === 'promote' && event.lostPrimary)) stoppedBy ??= index;
    else if (kind === 'start') stoppedBy = undefined;
    const path = ['events', index, 'do'];
    if (kind === 'start' && before === undefined) {
      return [{ path, text: 'cannot be start, because no stop comes before it: leave it out' }];
    }
    if (before === undefined || !NEEDS_SERVER.includes(kind)) return [];
    const text = `cannot be ${kind}, because events[${before}] has stopped the server: put a start in between`;
    return [{ path, text }];
  });
}
