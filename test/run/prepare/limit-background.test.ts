import { expect, it } from 'vitest';
import {
  type BackgroundSlots,
  limitBackground,
  sumSlots,
} from '../../../src/run/prepare/limit-background.ts';
import type { ActivityPlan } from '../../../src/scenario/plan/beside/background.ts';

const SLOTS: BackgroundSlots = {
  slots: { max: 120, reserved: 3, used: 17, free: 100 },
  reserve: 10,
  maxInFlight: undefined,
  beyondSlots: false,
  isLab: false,
  poolSlots: 0,
  isPooled: false,
};

const held = (connections: number, name = 'many'): ActivityPlan => ({
  name,
  activity: 'held',
  connections,
  touchUs: undefined,
});
const silent = (ratePerSecond: number): ActivityPlan => ({
  name: 'quiet',
  activity: 'health-checks',
  kind: 'silent',
  ratePerSecond,
  stayUs: 1_000_000,
});
const CANCELS: ActivityPlan = { name: 'stops', activity: 'cancels', ratePerSecond: 5 };

it('leaves activities as they are where they fit, or where no limit is known', () => {
  expect(limitBackground([held(65), CANCELS], { ...SLOTS, reserve: 9 })).toEqual([
    { plan: held(65) },
    { plan: CANCELS },
  ]);
  expect(limitBackground([held(5000)], { ...SLOTS, slots: null })).toEqual([{ plan: held(5000) }]);
});

it('holds fewer connections so that others, the load and other activities have room', () => {
  const [many, few, stops] = limitBackground([held(60), held(20, 'few'), CANCELS], SLOTS);
  // 100 free, less 10, a quarter for the load, and one for the cancels.
  expect(many).toEqual({ plan: held(60) });
  expect(few?.plan).toEqual(held(4, 'few'));
  expect(few?.reduced).toEqual({
    asked: 20,
    reason:
      'the target has 100 free slots; 10 of them are left to others, 25 to the load, and 61 to other activities',
  });
  expect(stops).toEqual({ plan: CANCELS });
  expect(sumSlots([held(60), CANCELS, silent(5)])).toBe(66);
  const [capped] = limitBackground([held(500)], { ...SLOTS, maxInFlight: 50 });
  expect(capped?.plan).toEqual(held(40));
  expect(capped?.reduced?.reason).toBe(
    'the target has 100 free slots; 10 of them are left to others, and 50 to the load',
  );
});

it('refuses silent checks beyond a quarter of the free slots, unless the server is known to be their own', () => {
  expect(() => limitBackground([silent(25)], SLOTS)).not.toThrow();
  expect(() => limitBackground([silent(26)], SLOTS)).toThrow(
    'background.quiet would keep 26 silent connections, and the target has 100 free slots (a quarter of them is 25)',
  );
  expect(() => limitBackground([silent(26)], { ...SLOTS, beyondSlots: true })).not.toThrow();
  expect(() => limitBackground([silent(26)], { ...SLOTS, isLab: true })).not.toThrow();
});

it.each(['cancels', 'reloads', 'terminations'] as const)(
  'refuses %s behind a pooler',
  (activity) => {
    const plan: ActivityPlan = { name: 'it', activity, ratePerSecond: 1 };
    expect(() => limitBackground([plan], { ...SLOTS, isPooled: true })).toThrow(
      /^background\.it: a pooler is in between/,
    );
    expect(() => limitBackground([held(1)], { ...SLOTS, isPooled: true })).not.toThrow();
  },
);
