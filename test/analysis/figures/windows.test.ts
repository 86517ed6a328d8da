import { expect, it } from 'vitest';
import { WindowsFold } from '../../../src/analysis/figures/windows.ts';
import {
  makeHeader,
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';

/** 10 connects within the first second, and one more in the next where it got so far. */
function play(fold: WindowsFold, untilUs: number): void {
  const run = new SyntheticRun(makeSteps(1));
  for (let index = 0; index < 10; index++) run.ok(makeOk(3000));
  if (untilUs > SECOND_US) run.ok(makeOk(SECOND_US + 3000));
  for (const interval of run.recorder.closeAll(untilUs)) fold.add(interval, false);
}

it('divides by the time that each leg ran, not by what it was to run', () => {
  const { plan } = makeHeader({ steps: makeSteps(1) });
  const fold = WindowsFold.of({ plan: { ...plan, durationUs: 2 * SECOND_US } });
  if (fold === undefined) throw new Error('one step has windows');
  play(fold, 2 * SECOND_US);
  play(fold, 500_000);
  const legs = { ranUntilUs: [2 * SECOND_US, 400_000], endedUs: [2 * SECOND_US, 500_000] };
  const [first, last] = fold.summarise(false, legs);
  expect(first?.achievedPerSecond).toBeCloseTo(20 / 1.5, 6);
  expect(first?.offeredPerSecond).toBeCloseTo(21 / 1.4, 6);
  // The leg that was cut short has no part in it.
  expect(last?.achievedPerSecond).toBeCloseTo(1, 6);
});

it.each([
  { untilUs: 9_040_000, lasts: 10, offered: 1, partial: undefined },
  { untilUs: 9_040_000, lasts: 9.5, offered: 2, partial: true },
])(
  'has the rate of a last window over its planned length, and marks one that was cut: $lasts s',
  (it) => {
    const durationUs = 10 * SECOND_US;
    const { plan } = makeHeader({ steps: makeSteps(1) });
    const fold = WindowsFold.of({ plan: { ...plan, durationUs } });
    const run = new SyntheticRun([{ index: 0, fromUs: 0, toUs: durationUs }]);
    for (let second = 0; second < 10; second++) {
      run.ok(makeOk(3000, { scheduledUs: second * SECOND_US + 30_000 }));
    }
    for (const interval of run.recorder.closeAll(it.untilUs)) fold?.add(interval, false);
    const legs = { ranUntilUs: [it.lasts * SECOND_US], endedUs: [it.untilUs] };
    const last = fold?.summarise(false, legs).at(-1);
    expect(last).toMatchObject({ fromUs: 9 * SECOND_US, toUs: it.lasts * SECOND_US });
    expect(last?.offeredPerSecond).toBeCloseTo(it.offered, 6);
    expect(last?.achievedPerSecond).toBeCloseTo(it.offered, 6);
    expect(last?.partial).toBe(it.partial);
  },
);

it('has a window for the end of a load in which nothing came any more', () => {
  const { plan } = makeHeader({ steps: makeSteps(1) });
  const fold = WindowsFold.of({ plan: { ...plan, durationUs: 3 * SECOND_US } });
  if (fold === undefined) throw new Error('one step has windows');
  play(fold, 2 * SECOND_US);
  const legs = { ranUntilUs: [3 * SECOND_US], endedUs: [2 * SECOND_US] };
  expect(fold.summarise(false, legs).map(({ fromUs, ok }) => [fromUs, ok])).toEqual([
    [0, 10],
    [SECOND_US, 1],
    [2 * SECOND_US, 0],
  ]);
});

it('has one window for what came after a load that was cut, which offers nothing and is not cut itself', () => {
  const durationUs = 10 * SECOND_US;
  const { plan } = makeHeader({ steps: makeSteps(1) });
  const fold = WindowsFold.of({ plan: { ...plan, durationUs } });
  const run = new SyntheticRun([{ index: 0, fromUs: 0, toUs: durationUs }]);
  for (const second of [0, 1, 2]) {
    run.ok(makeOk(3000, { scheduledUs: second * SECOND_US + 30_000 }));
  }
  // Two that began before the load was ended, and were ready in two of the seconds after it.
  run.ok(makeOk(2 * SECOND_US, { scheduledUs: 2_100_000 }));
  run.ok(makeOk(4 * SECOND_US, { scheduledUs: 2_200_000 }));
  for (const interval of run.recorder.closeAll(7 * SECOND_US)) fold?.add(interval, false);
  const legs = { ranUntilUs: [2_500_000], endedUs: [7 * SECOND_US] };
  const windows = fold?.summarise(false, legs) ?? [];
  expect(windows.map(({ fromUs, partial, drain }) => [fromUs, partial, drain])).toEqual([
    [0, undefined, undefined],
    [SECOND_US, undefined, undefined],
    [2 * SECOND_US, true, undefined],
    [3 * SECOND_US, undefined, true],
  ]);
  const last = windows.at(-1);
  expect(last).toMatchObject({ toUs: 7 * SECOND_US, ok: 2, offeredPerSecond: 0 });
  expect(last?.achievedPerSecond).toBeCloseTo(2 / 4, 6);
});
