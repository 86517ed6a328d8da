/** One connect measured by two clocks, in microseconds. Only differences on the same clock are used. */
export interface TwoClocks {
  /** Measured by connstorm's clock: from connect() until the server's message came. */
  elapsedUs: number;
  /**
   * The phase `tcp`, which is part of `elapsedUs`: one round trip that the server's kernel answers, whatever the
   * postmaster does.
   */
  tcpUs: number;
  /** Measured by the server's clock: from accept(), or from the backend's start, until it sent that message. */
  serverUs: number;
}

/**
 * Returns how long an established connection waited until the server's clock began to count, in microseconds:
 *
 *     elapsed - tcp - server - one round trip
 *
 * With the setup notice, whose total begins at accept() and ends at ReadyForQuery, that is the wait in the accept
 * queue. With a backend's age, which begins in the new process, it is that wait + fork + the process's first
 * scheduling. The round trips of the login itself lie within the server's time and cancel out.
 *
 * The round trip: half of one passes until TCP's last handshake packet reaches the server, and half of one until the
 * server's message reaches connstorm. Neither can be measured alone. `roundTripUs` is the shortest `tcp` of the run so
 * far, which is free of lost packets and of connstorm's own delays. (The attempt's own `tcp` is not: with a SYN that is
 * sent again it takes seconds, and it is already subtracted as `tcp`.)
 *
 * Error: the wait is too long by this connection's round trip beyond the shortest one, and by connstorm's delay in
 * reading the server's message. It is too short by connstorm's delay in noticing `established`. On an idle machine all
 * of these are tens of microseconds; otherwise they are at most the lateness. So a short wait may come out below 0. It
 * is then given as 0, and figures near the round trip mean "no wait" rather than their value.
 */
export function computeQueueWaitUs(
  { elapsedUs, tcpUs, serverUs }: TwoClocks,
  roundTripUs: number,
): number {
  return Math.max(0, elapsedUs - tcpUs - serverUs - roundTripUs);
}

/** Tolerance for the difference of two clocks over one connect. */
const CLOCKS_DIFFER_US = 1000;

/**
 * Returns whether the server began to count before the attempt began to connect. That is no short wait: the server's
 * time then belongs to another connection, as when a pooler hands on a backend that it already has.
 */
export function isOlderThanAttempt({ elapsedUs, serverUs }: TwoClocks): boolean {
  return serverUs > elapsedUs + CLOCKS_DIFFER_US;
}
