import { expect, it } from 'vitest';
import { createPlan } from './plan.js';

const LENGTHS = { short: 5, long: 15 };

it('a full run measures all of it and has nothing to say', () => {
  const plan = createPlan({ isQuick: false });
  expect([plan.rounds(5), plan.lengths(LENGTHS), plan.seconds(5)]).toEqual([5, LENGTHS, 5]);
  expect(plan.says).toEqual([]);
});

it('a quick run has fewer rounds and shorter runs, and says so', () => {
  const plan = createPlan({ isQuick: true });
  expect([plan.rounds(5), plan.rounds(1)]).toEqual([3, 1]);
  expect(plan.lengths(LENGTHS)).toEqual({ short: 4, long: 10 });
  expect(plan.says.join()).toMatch(/^QUICK: .*at most 3 rounds/);
});

it('a trial has one round of short runs, whatever it measures, and says that nothing of it holds', () => {
  const plan = createPlan({ isQuick: true, scale: 0.5 });
  expect([plan.rounds(5), plan.lengths(LENGTHS), plan.seconds(5)]).toEqual([
    1,
    { short: 2, long: 5 },
    2.5,
  ]);
  expect(plan.says.at(-1)).toMatch(/^TRIAL: .*no figure holds/);
});
