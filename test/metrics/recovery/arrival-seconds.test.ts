import { expect, it } from 'vitest';
import { ArrivalSeconds } from '../../../src/metrics/recovery/arrival-seconds.ts';

const SECOND_US = 1_000_000;

it('a second is complete when it is over and all its arrivals have ended', () => {
  const seconds = new ArrivalSeconds();
  seconds.noteBegun(100);
  seconds.noteBegun(200);
  seconds.noteDropped(300);
  seconds.noteEnded(100, 5_000);
  expect(seconds.take(2 * SECOND_US)).toEqual([]);
  seconds.noteEnded(200);
  expect(seconds.take(SECOND_US - 1)).toEqual([]);
  const [second, ...others] = seconds.take(SECOND_US);
  expect(others).toEqual([]);
  expect(second).toMatchObject({ fromUs: 0, due: 3, latency: { count: 1, maxUs: 5_000 } });
  expect(seconds.take(Number.POSITIVE_INFINITY)).toEqual([]);
});

it('an arrival that does not end within a minute has no latency, whatever becomes of it', () => {
  const seconds = new ArrivalSeconds();
  seconds.noteBegun(SECOND_US);
  expect(seconds.take(61 * SECOND_US)).toEqual([]);
  expect(seconds.take(62 * SECOND_US)).toMatchObject([{ due: 1, latency: { count: 0 } }]);
  seconds.noteEnded(SECOND_US, 61 * SECOND_US);
  expect(seconds.take(Number.POSITIVE_INFINITY)).toEqual([]);
});

it('an arrival that was begun too late comes in a second record of its second', () => {
  const seconds = new ArrivalSeconds();
  seconds.noteBegun(10);
  seconds.noteEnded(10, 1);
  expect(seconds.take(SECOND_US)).toHaveLength(1);
  seconds.noteBegun(20);
  seconds.noteEnded(20, 1);
  expect(seconds.take(2 * SECOND_US)).toMatchObject([{ fromUs: 0, due: 1, latency: { count: 1 } }]);
});
