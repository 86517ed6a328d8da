import { expect, it } from 'vitest';
import { mergeSeen } from '../../../src/probes/server/merge-seen.ts';

it('adds what was seen and keeps the slowest, and who waits now', () => {
  const earlier = {
    canary: { answered: 3, meanUs: 100, maxUs: 352_000, waitingUs: 7 },
    witness: { connected: 1, failed: 2, maxUs: 900 },
  };
  const later = {
    canary: { answered: 1, meanUs: 500, maxUs: 500 },
    witness: { connected: 0, failed: 0, maxUs: null, waitingUs: 40 },
  };
  expect(mergeSeen(earlier, later)).toEqual({
    canary: { answered: 4, meanUs: 200, maxUs: 352_000 },
    witness: { connected: 1, failed: 2, maxUs: 900, waitingUs: 40 },
  });
});

it('has no times where there were none', () => {
  const nothing = {
    canary: { answered: 0, meanUs: null, maxUs: null },
    witness: { connected: 0, failed: 0, maxUs: null },
  };
  expect(mergeSeen(nothing, nothing)).toEqual(nothing);
});
