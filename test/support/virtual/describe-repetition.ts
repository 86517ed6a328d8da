import { describe, expect, it } from 'vitest';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { isBelow, MODELS, type ModelName, repeatPairs } from './repetition-law.ts';

/** The settings of `--quick`. */
export const QUICK: SearchSettings = {
  growth: 1.25,
  stepUs: 2_000_000,
  tolerance: 0.1,
  trials: 3,
  maxDurationUs: 45_000_000,
};

/** The median of a quick search of the quiet server before there were controls and repeats, and how much longer it may be. */
const ELAPSED_BEFORE_S = 32;
const LONGER = 1.25;
const MOST_BOUNDS_RATIO = 2;
const MOST_WIDTH = 0.2;

/** The law of repetition as tests: so many pairs of searches of each model, seeds from each of `firstSeeds` on. */
export function describeRepetition(pairs: number, firstSeeds: readonly number[]): void {
  const cases = (Object.keys(MODELS) as ModelName[]).flatMap((name) =>
    [false, true].flatMap((isHostSeen) =>
      firstSeeds.map((firstSeed) => ({ name, isHostSeen, firstSeed })),
    ),
  );
  describe(`${pairs} pairs of searches of the same server`, () => {
    it.each(cases)('agree: $name, host seen: $isHostSeen, seeds from $firstSeed', (each) => {
      const law = repeatPairs(each.name, { ...each, pairs, settings: QUICK });
      const told = JSON.stringify({ ...each, ...law });
      expect(isBelow(law.overlapping, 0.95), told).toBe(false);
      expect(isBelow(law.holding, 0.9), told).toBe(false);
      expect(isBelow(law.bounded, 0.95), told).toBe(false);
      if (each.name !== 'quiet') {
        expect(law.boundsRatio, told).toBeLessThanOrEqual(MOST_BOUNDS_RATIO);
        return;
      }
      expect(law.found.count / law.found.of, told).toBeGreaterThanOrEqual(0.9);
      expect(law.foundWidth, told).toBeLessThanOrEqual(MOST_WIDTH);
      expect(law.elapsedS, told).toBeLessThanOrEqual(LONGER * ELAPSED_BEFORE_S);
    });
  });
}
