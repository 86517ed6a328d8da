import type { ClientPiece } from '../../scenario/plan/plan.ts';

/** Clients k with k + 1 <= the number of clients are there: that number is the linear one of the pieces, rounded down. */

/** Whether the number of clients reaches `count` at `atUs`, microseconds since the block's start; at a jump, after it. */
export function hasClients(pieces: readonly ClientPiece[], count: number, atUs: number): boolean {
  let startUs = 0;
  for (const { startClients, endClients, durationUs } of pieces) {
    if (atUs < startUs + durationUs) {
      const level = startClients + ((endClients - startClients) * (atUs - startUs)) / durationUs;
      return level >= count - TOLERANCE;
    }
    startUs += durationUs;
  }
  return false;
}

/** The first moment from `fromUs` on at which the number of clients reaches `count`; Infinity where it never does. */
export function findMomentOf(
  pieces: readonly ClientPiece[],
  count: number,
  fromUs: number,
): number {
  let startUs = 0;
  for (const { startClients, endClients, durationUs } of pieces) {
    const endUs = startUs + durationUs;
    const sinceUs = Math.max(startUs, fromUs);
    if (durationUs > 0 && sinceUs < endUs) {
      if (hasClients(pieces, count, sinceUs)) return sinceUs;
      if (endClients >= count && endClients > startClients) {
        const share = (count - startClients) / (endClients - startClients);
        // At the end of a piece the next one's level counts, which begins there.
        const atUs = Math.max(sinceUs, startUs + Math.ceil(share * durationUs));
        if (atUs < endUs) return atUs;
      }
    }
    startUs = endUs;
  }
  return Number.POSITIVE_INFINITY;
}

/** A moment that was computed for a client must find it there, whatever rounding did. */
const TOLERANCE = 1e-6;
