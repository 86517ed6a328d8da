/** The ledgers: arrivals and attempts, connections after ReadyForQuery, sessions, reconnects. Their laws are checked in accounting.ts. */

/**
 * Arrivals and attempts. Laws: due = dropped + begun; started = ok + failed + abandoned + cancelled + lost + inFlight.
 * Without sessions (retries) begun = started.
 */
export interface Accounting {
  /** Arrivals whose moment came before the stop. */
  due: number;
  /** Arrivals never started because a cap was reached. */
  dropped: number;
  begun: number;
  /** Attempts. */
  started: number;
  ok: number;
  failed: number;
  /** Given up on purpose while connecting, as `close: abandon` asks. */
  abandoned: number;
  /** Ended by the end of the run. */
  cancelled: number;
  /** Their worker died. */
  lost: number;
  /** Attempts not ended yet; 0 at the end of a whole file. */
  inFlight: number;
}

/** What happened after ReadyForQuery. Law: opened (= ok attempts) = closed + queryFailed + cut + lost + open. */
export interface ConnectionAccounting {
  opened: number;
  /** Closed by us, in the scenario's way; also where the server's FIN was then waited for in vain. */
  closed: number;
  /** The server answered a query with an error, or not in time. */
  queryFailed: number;
  /** Ended by the other side while we kept it. */
  cut: number;
  /** Their worker died. */
  lost: number;
  /** Still open; 0 at the end of a whole file. */
  open: number;
}

/**
 * Sessions: wishes to be connected, over all of their attempts. There are some where the scenario has `retry`. Laws:
 * begun = connected + gaveUp + cancelled + lost + waiting; begun = arrivals begun + reconnects; connected = ok.
 */
export interface SessionAccounting {
  begun: number;
  /** Of `begun`: of clients whose connection the server had cut, held (`cut`) or in a query (of `queryFailed`). */
  reconnects: number;
  connected: number;
  /** After their last attempt. */
  gaveUp: number;
  /** Ended by the end of the run or of their block. */
  cancelled: number;
  /** Their worker died. */
  lost: number;
  /** In an attempt, or waiting for the next one; 0 at the end of a whole file. */
  waiting: number;
  /** Attempts of the connected ones. */
  attempts: number;
  /** Of `connected`: within the scenario's goal; stays 0 where there is none. */
  withinGoal: number;
}

/**
 * Sessions that reconnect and belong together: each was cut while another one was not back yet, or at most
 * TOGETHER_US after another one was cut. Moments are microseconds since T0.
 */
export interface ReconnectStorm {
  firstCutUs: number;
  lastCutUs: number;
  /** When the last of them was back, gave up or was ended. */
  endUs: number;
  /** Law: cut = back + gaveUp + ended; over all storms, reconnects = cut + those that wait still. */
  cut: number;
  back: number;
  gaveUp: number;
  /** Cancelled or lost. */
  ended: number;
}

/** Cuts so close to each other are one storm even where the sessions are back at once. */
export const TOGETHER_US = 1_000_000;
