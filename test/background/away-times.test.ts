import { expect, it } from 'vitest';
import { AwayTimes } from '../../src/background/connections/away-times.ts';

it('adds up the time of all that are away, in the record in which it passed', () => {
  let nowUs = 0;
  const away = new AwayTimes(() => nowUs);
  nowUs = 100;
  away.began();
  nowUs = 300;
  away.began();
  nowUs = 1000;
  expect(away.take()).toEqual({ awayUs: 900 + 700, longestAwayUs: 900 });
  nowUs = 1500;
  away.ended();
  nowUs = 2000;
  expect(away.take()).toEqual({ awayUs: 500 + 1000, longestAwayUs: 1700 });
  away.ended();
  nowUs = 3000;
  expect(away.take()).toEqual({ awayUs: 0, longestAwayUs: 1700 });
  expect(away.take()).toEqual({ awayUs: 0, longestAwayUs: 0 });
});
