import { expect, it } from 'vitest';
import { OpeningLimit } from '../../src/background/connections/opening-limit.ts';

const MB = 1024 ** 2;

it('ends the opening when its time is over', () => {
  const limit = new OpeningLimit(2_000_000, () => undefined);
  expect(limit.objectTo(10, 1_999_999)).toBeUndefined();
  expect(limit.objectTo(11, 2_000_000)).toMatch(/^opening had taken 2 s/);
});

it('ends the opening before it takes more than a quarter of the free memory, by what a hundred took', () => {
  let opened = 0;
  const limit = new OpeningLimit(1e9, () => (4000 - 3 * opened) * MB);
  for (; opened < 1000; opened++) {
    const objection = limit.objectTo(opened, 0);
    if (objection !== undefined) {
      expect(objection).toBe(
        '400 of them would take more than a quarter of the 4,000 MB of free memory (3 MB each)',
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

it('keeps what it saw of the memory, from before the first connection until after the last', () => {
  let opened = 0;
  const limit = new OpeningLimit(1e9, () => (9000 - 2 * opened) * MB);
  for (; opened < 250; opened++) limit.objectTo(opened, 0);
  expect(limit.finish(250).map((look) => [look.opened, look.freeBytes / MB])).toEqual([
    [0, 9000],
    [25, 8950],
    [50, 8900],
    [75, 8850],
    [100, 8800],
    [125, 8750],
    [150, 8700],
    [175, 8650],
    [200, 8600],
    [225, 8550],
    [250, 8500],
  ]);
});

it('leaves out a look at connections that were begun and not opened', () => {
  const limit = new OpeningLimit(1e9, () => 9000 * MB);
  for (const begun of [25, 50]) limit.objectTo(begun, 0);
  expect(limit.finish(46).map(({ opened }) => opened)).toEqual([0, 25, 46]);
});

it('has seen nothing of memory that is not seen, or if nothing was opened', () => {
  expect(new OpeningLimit(1e9, () => undefined).finish(500)).toEqual([]);
  expect(new OpeningLimit(1e9, () => 100 * MB).finish(0)).toEqual([]);
});
