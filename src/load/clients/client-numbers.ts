import type { ClientPiece } from '../../scenario/plan/plan.ts';

/** Client k exists while k + 1 <= the number of clients. That number is linear in each piece, rounded down. */

/**
 * Returns whether the number of clients reaches `count` at `atUs`, in microseconds since the block's start. At a jump
 * the number after it counts.
 */
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

/**
 * Returns the first moment from `fromUs` on at which the number of clients reaches `count`; Infinity if it never does.
 */
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
        // At the end of a piece the level of the next piece counts, which begins there.
        const atUs = Math.max(sinceUs, startUs + Math.ceil(share * durationUs));
        if (atUs < endUs) return atUs;
      }
    }
    startUs = endUs;
  }
  return Number.POSITIVE_INFINITY;
}

/** A client must exist at the moment that was computed for it, whatever rounding did. */
const TOLERANCE = 1e-6;
