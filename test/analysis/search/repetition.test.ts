import { describe, expect, it } from 'vitest';
import { countCases } from '../../support/all-cases.ts';
import { describeRepetition, QUICK } from '../../support/virtual/describe-repetition.ts';
import { holds, isBelow, searchTwice } from '../../support/virtual/repetition-law.ts';

// `npm run test:long` makes a thousand of each, and as many on seeds that nothing was tuned on.
describeRepetition(countCases({ some: 20, all: 40 }), [1]);

describe('the law', () => {
  it.each([
    [{ count: 0, of: 0 }, 0.95, false],
    [{ count: 57, of: 60 }, 0.95, false],
    [{ count: 54, of: 60 }, 0.95, false],
    [{ count: 52, of: 60 }, 0.95, true],
    [{ count: 50, of: 60 }, 0.9, false],
    [{ count: 48, of: 60 }, 0.9, true],
    [{ count: 937, of: 1000 }, 0.95, true],
    [{ count: 940, of: 1000 }, 0.95, false],
  ])('says of %o that it is below %d: %s', (share, least, expected) => {
    expect(isBelow(share, least)).toBe(expected);
  });

  it('is broken by answers a tenth as wide', () => {
    const options = { isHostSeen: false, settings: QUICK };
    const answers = Array.from({ length: 20 }, (_, at) =>
      searchTwice('drift', { ...options, seed: at + 1 }),
    ).flat();
    const held = answers.filter(({ capacity, truths }) => {
      const { lowerPerSecond: lower, upperPerSecond: upper } = capacity;
      if (lower === null || upper === null) return true;
      const [middle, half] = [(lower + upper) / 2, (upper - lower) / 20];
      const narrow = { lowerPerSecond: middle - half, upperPerSecond: middle + half };
      return holds({ ...capacity, ...narrow }, truths);
    });
    expect(isBelow({ count: held.length, of: answers.length }, 0.9)).toBe(true);
  });
});
