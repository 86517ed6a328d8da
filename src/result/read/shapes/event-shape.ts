import { EVENT_KINDS } from '../../../scenario/event-kinds.ts';
import type { CommandRecord, EventRecord, PlannedEventRecord } from '../../records/events.ts';
import {
  all,
  amount,
  type Check,
  count,
  flag,
  listOf,
  map,
  number,
  oneOf,
  orNull,
  text,
} from './shape.ts';

/** More than any scenario may ask for. */
const MOST_EVENTS = 1_000;

const command = map<CommandRecord>(
  { exitCode: orNull(number), output: text },
  { signal: text, timedOut: flag, droppedBytes: count },
);

const fields = map<EventRecord>(
  {
    index: count,
    kind: oneOf(EVENT_KINDS),
    state: oneOf(['begun', 'done', 'failed']),
    fromUs: number,
    allowUntilUs: number,
  },
  { toUs: number, stoppedUs: number, detail: text, reason: text, command },
);

/** Checks one record of an event. It has an end if, and only if, the event has ended. */
export const checkEvent: Check = all(fields, (value) => {
  const { state, fromUs, toUs, stoppedUs, allowUntilUs } = value as EventRecord;
  if (allowUntilUs < fromUs) return `.allowUntilUs ${allowUntilUs} is before fromUs ${fromUs}`;
  if (state === 'begun') return toUs === undefined ? undefined : '.toUs is set, and state is begun';
  if (toUs === undefined) return `.toUs is missing, and state is ${state}`;
  if (stoppedUs !== undefined && (stoppedUs < fromUs || stoppedUs > toUs)) {
    return `.stoppedUs ${stoppedUs} is not between fromUs ${fromUs} and toUs ${toUs}`;
  }
  return toUs < fromUs ? `.toUs ${toUs} is before fromUs ${fromUs}` : undefined;
});

/** Checks the events of a plan. */
export const checkPlannedEvents: Check = listOf(
  map<PlannedEventRecord>({
    kind: oneOf(EVENT_KINDS),
    atUs: amount,
    allowUs: amount,
    text,
  }),
  { atMost: MOST_EVENTS },
);
