import { formatSpan } from '../../duration-text.ts';
import { quoteStatement } from '../quote-statement.ts';
import type { EventAction } from './plan-events.ts';

/** Returns what an event does, in a few words: `restart fast`, `exec "./failover.sh"`. It cannot control a terminal. */
export function describeEvent(action: EventAction): string {
  switch (action.kind) {
    case 'restart':
    case 'stop':
      return `${action.kind} ${action.mode}`;
    case 'stall':
      return `stall ${formatSpan(action.durationUs)}`;
    case 'promote':
      return action.lostPrimary ? 'promote, with the primary lost' : 'promote';
    case 'exec':
      return `exec ${quoteStatement(action.command)}`;
    default:
      return action.kind;
  }
}
