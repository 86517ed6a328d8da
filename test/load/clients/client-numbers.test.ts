import { describe, expect, it } from 'vitest';
import { findMomentOf, hasClients } from '../../../src/load/clients/client-numbers.ts';
import type { ClientPiece } from '../../../src/scenario/plan/plan.ts';

/** Pieces as [clients at the start, at the end, seconds]. */
function pieces(...list: [number, number, number][]): ClientPiece[] {
  return list.map(([startClients, endClients, seconds]) => ({
    startClients,
    endClients,
    durationUs: seconds * 1e6,
  }));
}

const UP = pieces([0, 10, 10], [10, 10, 5], [10, 0, 10]);
const JUMPS = pieces([1, 1, 2], [1, 0, 0], [0, 0, 2], [0, 3, 0], [3, 3, 1]);

describe('the moment at which there are so many clients', () => {
  it.each([
    [UP, 1, 0, 1],
    [UP, 10, 0, 10],
    [UP, 11, 0, Number.POSITIVE_INFINITY],
    [UP, 5, 12, 12],
    [UP, 5, 20, 20],
    [UP, 5, 20.1, Number.POSITIVE_INFINITY],
    [UP, 1, 25, Number.POSITIVE_INFINITY],
    [JUMPS, 1, 0, 0],
    [JUMPS, 1, 2, 4],
    [JUMPS, 3, 0, 4],
    [JUMPS, 1, 5, Number.POSITIVE_INFINITY],
  ])('%#: of %j for %d from %d s on is %d s', (list, count, fromS, atS) => {
    expect(findMomentOf(list, count, fromS * 1e6) / 1e6).toBeCloseTo(atS, 6);
  });

  it('is one at which they are there, whatever does not divide evenly', () => {
    const odd = pieces([0, 7, 3], [7, 2, 1.1], [2, 23, 0.7]);
    for (let count = 1; count <= 23; count++) {
      for (let fromUs = 0; fromUs < 4.8e6; fromUs += 33_333) {
        const atUs = findMomentOf(odd, count, fromUs);
        if (atUs === Number.POSITIVE_INFINITY) continue;
        expect(atUs).toBeGreaterThanOrEqual(fromUs);
        expect(hasClients(odd, count, atUs)).toBe(true);
      }
    }
  });
});
