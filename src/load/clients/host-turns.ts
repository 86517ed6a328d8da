import type { Place } from '../../drivers/driver.ts';
import { WRONG_ROLE } from '../../drivers/lifecycle/role-check.ts';
import type { SessionAttrs } from '../../drivers/login/session-attrs.ts';
import type { Failure } from '../../model/measures.ts';
import { createRandom } from '../../scenario/plan/random.ts';

/** How a client takes its hosts in turn at each connect, as libpq does. */
export interface HostTurnsPlan {
  /** Number of hosts; at least 1. */
  hostCount: number;
  /**
   * With load_balance_hosts=random each connect draws an order of its own. Otherwise all use the order of the target.
   */
  isShuffled: boolean;
  /** target_session_attrs. */
  wanted: SessionAttrs;
}

/** Whose connect it is. The same values give the same order. */
export interface ConnectKey {
  seed: number;
  index: number;
  /** Number of the connect among those of the arrival or session, from 0. */
  connect: number;
}

/**
 * Returns how many tries a connect has at most. Under prefer-standby all hosts are asked for a standby first, and then all
 * once more in the same order for any server.
 */
export function countTurns({ hostCount, wanted }: Omit<HostTurnsPlan, 'isShuffled'>): number {
  return wanted === 'prefer-standby' ? 2 * hostCount : hostCount;
}

/** Returns the place of a connect's try; undefined if it has no such try. `turn`: number of tries before it. */
export function findPlace(plan: HostTurnsPlan, key: ConnectKey, turn: number): Place | undefined {
  if (turn >= countTurns(plan)) return undefined;
  const { hostCount, isShuffled, wanted } = plan;
  const at = turn % hostCount;
  return {
    host: isShuffled ? (shuffle(hostCount, key)[at] ?? at) : at,
    wanted: turn < hostCount ? wanted : 'any',
    turn,
    connect: key.connect,
  };
}

/** Returns the numbers below `count` in a drawn order (Fisher and Yates). */
function shuffle(count: number, { seed, index, connect }: ConnectKey): number[] {
  const mixed = Math.imul(index + 1, 0x2545f491) ^ Math.imul(connect, 0x9e3779b1);
  const random = createRandom(seed ^ mixed);
  const order = Array.from({ length: count }, (_, host) => host);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? last, order[last] ?? other];
  }
  return order;
}

/** The server starts, stops or recovers: cannot_connect_now. */
const NOT_READY = '57P03';

/**
 * Returns whether libpq tries the next host after a failure: there was no connection, no answer in time, a server that
 * is not ready, or one of the wrong role. Any other failure ends the connect: a refused login, and a server that breaks
 * off (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS; fe-connect.c, PQconnectPoll).
 */
export function goesOnAfter({ layer, phase, code }: Failure): boolean {
  return phase === 'tcp' || layer === 'timeout' || code === NOT_READY || code === WRONG_ROLE;
}
