import { expect, it } from 'vitest';
import { describeInterval } from '../../../src/analysis/figures/interval-figures.ts';
import {
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';

it('has the rates and latencies of one interval, by its own length', () => {
  const run = new SyntheticRun(makeSteps(2)).dropped(2);
  for (let i = 1; i <= 10; i++) run.ok(makeOk(i * 100));
  const [interval, empty] = [
    ...run.recorder.closeAll(SECOND_US / 2),
    ...new SyntheticRun(makeSteps(1)).recorder.closeAll(SECOND_US),
  ];
  const nothing = { achievedPerSecond: 0, p50Us: null, p99Us: null };
  expect(interval && describeInterval(interval, () => false)).toEqual({
    open: { offeredPerSecond: 24, achievedPerSecond: 20, p50Us: 500, p99Us: 1000 },
    closed: nothing,
  });
  expect(empty && describeInterval(empty, () => false)).toEqual({
    open: { offeredPerSecond: 0, ...nothing },
    closed: nothing,
  });
});
