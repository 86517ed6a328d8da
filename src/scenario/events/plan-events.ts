import { parseDuration } from '../duration.ts';
import type { EventKind } from '../event-kinds.ts';
import type { ScenarioEvent } from '../schema/beside/events-schema.ts';

export type StopMode = 'smart' | 'fast' | 'immediate';

/** What an event does. Times are integer microseconds. */
export type EventAction =
  | { kind: 'restart' | 'stop'; mode: StopMode }
  | { kind: 'start' | 'crash' | 'drop-all' | 'reload' }
  | { kind: 'stall'; durationUs: number }
  | { kind: 'promote'; lostPrimary: boolean }
  | { kind: 'exec'; command: string; timeoutUs: number };

/** An event of a plan. Times are integer microseconds, moments since the T0 of the leg. */
export interface EventPlan {
  /** Index in the scenario's list of events. */
  index: number;
  atUs: number;
  /** How long after its beginning it may cut off others without a kill. */
  allowUs: number;
  action: EventAction;
}

/** Plans the events of a scenario, in the order in which they are written. */
export function planEvents(events: readonly ScenarioEvent[] = []): EventPlan[] {
  return events.map((event, index) => ({
    index,
    atUs: parseDuration(event.at),
    allowUs: parseDuration(event.allow),
    action: planAction(event),
  }));
}

function planAction(event: ScenarioEvent): EventAction {
  switch (event.do) {
    case 'restart':
    case 'stop':
      return { kind: event.do, mode: event.mode };
    case 'stall':
      return { kind: 'stall', durationUs: parseDuration(event.duration) };
    case 'promote':
      return { kind: 'promote', lostPrimary: event.lostPrimary };
    case 'exec':
      return { kind: 'exec', command: event.command, timeoutUs: parseDuration(event.timeout) };
    default:
      return { kind: event.do };
  }
}

/** The kinds that need the machine of the server. connstorm has it only for the lab. */
const NEEDS_MACHINE: Record<EventKind, boolean> = {
  restart: true,
  stop: true,
  start: true,
  crash: true,
  stall: true,
  promote: true,
  'drop-all': false,
  reload: false,
  exec: false,
};

/** Returns whether an event can only be done to a server that connstorm itself has started. */
export function needsMachine(kind: EventKind): boolean {
  return NEEDS_MACHINE[kind];
}
