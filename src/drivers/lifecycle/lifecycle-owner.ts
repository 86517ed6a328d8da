import type { Clock } from '../../clock.ts';
import type { AttemptSink, ConnectionPlan } from '../driver.ts';
import type { LiveConnections } from './live-connections.ts';

/** The parts of a driver that the lifecycles of all its connections use. A driver belongs to one thread. */
export interface DriverParts {
  readonly plan: ConnectionPlan;
  readonly sink: AttemptSink;
  readonly now: Clock;
  readonly live: LiveConnections;
  /** Told of each attempt that was abandoned while it waited for its SCRAM keys. */
  readonly scram: { noteAbandoned(): void };
}

/**
 * A driver's connection, as its lifecycle sees it: what it does when it is told to. It does not call the lifecycle from
 * within: what the socket makes of it comes later, as an event.
 */
export interface LifecycleOwner {
  /** Sends the plan's query. */
  askQuery(): void;
  /** Asks the backend for its age. */
  askAge(): void;
  /**
   * Ends the connection in the plan's way. Returns true where its socket stays open for the server's FIN, which
   * Lifecycle.serverEnded is to be told of; false where the socket was given up.
   */
  leave(): boolean;
  /** Closes the socket without a word, unless `leave` has given it up. */
  drop(): void;
  /** Whether the server has sent anything that belongs to a message. */
  readonly hasHeard: boolean;
  /** How long the server has waited for us, who compute the proof of a password; undefined: it does not. */
  readonly derivingUs: number | undefined;
}
