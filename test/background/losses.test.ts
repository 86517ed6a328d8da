import { expect, it } from 'vitest';
import { Losses } from '../../src/background/connections/losses.ts';

it('adds up the time of all that are away, in the record in which it passed', () => {
  let nowUs = 0;
  const losses = new Losses(() => nowUs);
  nowUs = 100;
  losses.lost();
  nowUs = 300;
  losses.lost();
  nowUs = 1000;
  expect(losses.take()).toEqual({ lost: 2, back: 0, awayUs: 900 + 700, longestAwayUs: 900 });
  nowUs = 1500;
  losses.cameBack();
  nowUs = 2000;
  expect(losses.take()).toEqual({ lost: 0, back: 1, awayUs: 500 + 1000, longestAwayUs: 1700 });
  losses.cameBack();
  nowUs = 3000;
  expect(losses.take()).toEqual({ lost: 0, back: 1, awayUs: 0, longestAwayUs: 1700 });
  expect(losses.take()).toEqual({ lost: 0, back: 0, awayUs: 0, longestAwayUs: 0 });
});

it('counts none as back while none is away', () => {
  const losses = new Losses(() => 5);
  losses.cameBack();
  expect(losses.take()).toEqual({ lost: 0, back: 0, awayUs: 0, longestAwayUs: 0 });
});
