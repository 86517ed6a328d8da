import type { Clock } from '../../clock.ts';
import type { AttemptSink, ConnectionPlan } from '../driver.ts';
import type { LiveConnections } from './live-connections.ts';

/** The parts of a driver that the lifecycles of all its connections use. A driver belongs to one thread. */
export interface DriverParts {
  readonly plan: ConnectionPlan;
  readonly sink: AttemptSink;
  readonly now: Clock;
  readonly live: LiveConnections;
  /** The counter of attempts that were abandoned while they waited for their SCRAM keys. */
  readonly scram: { noteAbandoned(): void };
}

/**
 * A driver's connection as its lifecycle sees it: the actions that the lifecycle orders. They do not call the lifecycle
 * back; what the socket does next comes later, as an event.
 */
export interface LifecycleOwner {
  /** Sends the plan's statement of this number, from 0. */
  askQuery(number: number): void;
  /** Asks the server for its role, by this statement. The first value of its answer goes to RoleCheck.noteAnswer. */
  askRole(statement: string): void;
  /** Asks the backend for its age. */
  askAge(): void;
  /**
   * Ends the connection in the plan's way. Returns true if the socket stays open for the server's FIN, which must be
   * reported to Lifecycle.serverEnded. Returns false if the socket was given up.
   */
  leave(): boolean;
  /** Closes the socket without a message, unless `leave` has given it up. */
  drop(): void;
  /** Whether the server has sent any byte that belongs to a message. */
  readonly hasHeard: boolean;
  /** Time that the server has waited for our proof of the password, in microseconds; undefined: it does not wait. */
  readonly derivingUs: number | undefined;
}
