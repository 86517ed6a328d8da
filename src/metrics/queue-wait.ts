/** One connect by two clocks, of which only the differences are used: microseconds. */
export interface TwoClocks {
  /** By our clock, from connect() to the moment at which the server's word came. */
  elapsedUs: number;
  /** Of it, the phase `tcp`: one round trip that the server's kernel answers, whatever the postmaster does. */
  tcpUs: number;
  /** By the server's clock, up to the moment at which it sent that word: since accept(), or since the backend began. */
  serverUs: number;
}

/**
 * How long an established connection waited until the server's clock began to count it, in microseconds:
 *
 *     elapsed - tcp - server - one round trip
 *
 * With the setup notice, whose total begins at accept() and ends at ReadyForQuery, that is the wait in the accept
 * queue. With a backend's age, which begins in the new process, it is that wait + fork + the process's first
 * scheduling. The round trips of the login itself lie within the server's time and cancel out.
 *
 * The round trip: half of one passes before the last packet of TCP's handshake is with the server, half of one before
 * the server's word is with us. Neither can be measured alone; `roundTripUs` is the shortest `tcp` of the run so far,
 * which is free of lost packets and of our own delays. (The attempt's own is not: a SYN that is sent again makes it
 * seconds, and is already taken off as `tcp`.)
 *
 * Error: what this connection's round trip was longer than the shortest one counts as wait, as does our delay in
 * reading the server's word; our delay in noticing `established` is missing from it. All of these are tens of
 * microseconds on an idle machine, and no more than the lateness else. So a short wait may come out below 0: it is
 * given as 0, and figures near the round trip mean "no wait" rather than what they say.
 */
export function computeQueueWaitUs(
  { elapsedUs, tcpUs, serverUs }: TwoClocks,
  roundTripUs: number,
): number {
  return Math.max(0, elapsedUs - tcpUs - serverUs - roundTripUs);
}

/** How far two clocks may be apart over one connect. */
const CLOCKS_DIFFER_US = 1000;

/**
 * Whether the server began to count before the attempt began to connect. That is no short wait: the server's time is of
 * another connection, as it is where a pooler hands on a backend that it has.
 */
export function isOlderThanAttempt({ elapsedUs, serverUs }: TwoClocks): boolean {
  return serverUs > elapsedUs + CLOCKS_DIFFER_US;
}
