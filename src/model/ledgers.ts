/**
 * The ledgers: arrivals and attempts, connections after ReadyForQuery, sessions, reconnects. accounting.ts checks their
 * laws.
 */

/**
 * Arrivals and attempts. Laws: due = dropped + begun; started = ok + failed + abandoned + cancelled + lost + inFlight.
 * Without sessions (retries) and several hosts at each connect, begun = started.
 */
export interface Accounting {
  /** Arrivals whose moment came before the stop. */
  due: number;
  /** Arrivals that were not begun, because a cap was reached or the run was ended at once. */
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
  /** Attempts whose worker died. */
  lost: number;
  /** Attempts that have not ended; 0 at the end of a whole file. */
  inFlight: number;
  /**
   * The part of `failed` after which the same connect went on at its next host, in an attempt of its own. Present only
   * where clients choose their host at each connect. Without sessions started = begun + passedOn.
   */
  passedOn?: number;
}

/**
 * Attempts at one host, where a client takes its hosts in turn at each connect. Law: started = ok + failed + abandoned +
 * cancelled + lost + what is in flight there. Over all hosts each field is that of `Accounting`, and started = begun +
 * passedOn, without sessions.
 */
export interface HostAccounting {
  /** Index into the target's hosts. */
  host: number;
  started: number;
  ok: number;
  failed: number;
  /** The part of `failed` after which the same connect went on at its next host. */
  passedOn: number;
  abandoned: number;
  cancelled: number;
  lost: number;
}

/** The attempts at one host in a stretch of time. */
export interface HostActivity extends HostAccounting {
  /** When the first and the last of its ok attempts became ready, in microseconds since T0; absent: none did. */
  firstOkUs?: number;
  lastOkUs?: number;
}

/** Connections after ReadyForQuery. Law: opened (= ok attempts) = closed + queryFailed + cut + lost + open. */
export interface ConnectionAccounting {
  opened: number;
  /** Closed by connstorm, in the scenario's way, even if the server's FIN then did not come in time. */
  closed: number;
  /** The server answered a query with an error, or not in time. */
  queryFailed: number;
  /** Ended by the server during the hold. */
  cut: number;
  /** Connections whose worker died. */
  lost: number;
  /** Still open; 0 at the end of a whole file. */
  open: number;
}

/**
 * Sessions: wishes to be connected, over all their attempts. Only a scenario with `retry` has sessions. Laws: begun =
 * connected + gaveUp + cancelled + lost + waiting; begun = arrivals begun + reconnects; connected = ok.
 */
export interface SessionAccounting {
  begun: number;
  /**
   * Sessions among `begun` whose client's connection the server had cut, in its hold (`cut`) or in a query (part of
   * `queryFailed`).
   */
  reconnects: number;
  connected: number;
  /** Failed in their last attempt. */
  gaveUp: number;
  /** Ended by the end of the run or of their block. */
  cancelled: number;
  /** Sessions whose worker died. */
  lost: number;
  /** Sessions in an attempt or waiting for the next one; 0 at the end of a whole file. */
  waiting: number;
  /** Attempts of the connected sessions. */
  attempts: number;
  /** Connected sessions that were within the scenario's goal; 0 if there is no goal. */
  withinGoal: number;
}

/**
 * Sessions that reconnect and belong together: each was cut while another one was not back yet, or at most TOGETHER_US
 * after another one was cut. Moments are microseconds since T0.
 */
export interface ReconnectStorm {
  firstCutUs: number;
  lastCutUs: number;
  /** When the last of them was back, gave up or was ended. */
  endUs: number;
  /** Law: cut = back + gaveUp + ended; over all storms, reconnects = cut + sessions that still wait. */
  cut: number;
  back: number;
  gaveUp: number;
  /** Cancelled or lost. */
  ended: number;
}

/** Cuts this close together are one storm, even if the sessions are back at once. */
export const TOGETHER_US = 1_000_000;
