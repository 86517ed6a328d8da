import { expect, it } from 'vitest';
import { OpeningLimit } from '../../src/background/connections/opening-limit.ts';

const MB = 1024 ** 2;

it('ends the opening when its time is over', () => {
  const limit = new OpeningLimit(2_000_000, () => undefined);
  expect(limit.objectTo(10, 1_999_999)).toBeUndefined();
  expect(limit.objectTo(11, 2_000_000)).toBe(
    'opening took 2 s, which is the most that it may take',
  );
});

it('ends the opening before it takes more than a quarter of the free memory, by what a hundred took', () => {
  let opened = 0;
  const limit = new OpeningLimit(1e9, () => (4000 - 3 * opened) * MB);
  for (; opened < 1000; opened++) {
    const objection = limit.objectTo(opened, 0);
    if (objection !== undefined) {
      expect(objection).toBe(
        '400 connections would take more than a quarter of the 4,000 MB of free memory (3 MB each)',
      );
      break;
    }
  }
  expect(opened).toBe(300);
});

it('has no objection to memory that does not shrink, or that is not seen', () => {
  const growing = new OpeningLimit(1e9, () => 100 * MB);
  const unseen = new OpeningLimit(1e9, () => undefined);
  for (let opened = 0; opened < 1000; opened++) {
    expect(growing.objectTo(opened, 0)).toBeUndefined();
    expect(unseen.objectTo(opened, 0)).toBeUndefined();
  }
});
