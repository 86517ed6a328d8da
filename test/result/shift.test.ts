import { expect, it } from 'vitest';
import { zeroHost } from '../../src/model/accounting.ts';
import { Histogram } from '../../src/model/histogram.ts';
import { checkRecord } from '../../src/result/read/shapes/record-shapes.ts';
import type { EndRecord } from '../../src/result/records/end.ts';
import type { EventRecord } from '../../src/result/records/events.ts';
import type { GeneratorSample } from '../../src/result/records/samples.ts';
import { shiftEnd, shiftInterval, shiftRecord } from '../../src/result/shift.ts';
import { makeOk, makeSteps, SECOND_US, SyntheticRun } from '../support/synthetic/synthetic-run.ts';

it('moves every time of an interval, and back', () => {
  const run = new SyntheticRun(makeSteps(1)).ok(makeOk(5000, { scheduledUs: 100 }));
  const [interval] = run.recorder.closeAll(SECOND_US);
  if (interval === undefined) throw new Error('no interval');
  const moved = shiftInterval(interval, 70);
  expect(moved).toMatchObject({ fromUs: 70, toUs: SECOND_US + 70 });
  expect(moved.steps).toMatchObject([{ lastConnectedUs: 5170 }]);
  expect(moved.slowest).toMatchObject([{ scheduledUs: 170, latencyUs: 5000 }]);
  expect(shiftInterval(moved, -70)).toEqual(interval);
});

it('moves the first and the last moment of each host', () => {
  const [interval] = new SyntheticRun(makeSteps(1)).ok(makeOk(5000)).recorder.closeAll(SECOND_US);
  const [step] = interval?.steps ?? [];
  if (interval === undefined || step === undefined) throw new Error('no interval');
  const hosts = [
    { ...zeroHost(0), ok: 1, firstOkUs: 5, lastOkUs: 9 },
    { ...zeroHost(1), failed: 1 },
  ];
  const moved = shiftInterval({ ...interval, steps: [{ ...step, hosts }] }, 70);
  expect(moved.steps[0]?.hosts).toEqual([
    { ...zeroHost(0), ok: 1, firstOkUs: 75, lastOkUs: 79 },
    { ...zeroHost(1), failed: 1 },
  ]);
});

it('moves the reconnect storms of an interval with it', () => {
  const [interval] = new SyntheticRun(makeSteps(1)).recorder.closeAll(SECOND_US);
  if (interval === undefined) throw new Error('no interval');
  const storm = { firstCutUs: 1, lastCutUs: 2, endUs: 3, cut: 2, back: 2, gaveUp: 0, ended: 0 };
  const moved = shiftInterval({ ...interval, reconnects: [storm] }, 70);
  expect(moved.reconnects).toEqual([{ ...storm, firstCutUs: 71, lastCutUs: 72, endUs: 73 }]);
});

it('moves what an interval keeps for recovery', () => {
  const [interval] = new SyntheticRun(makeSteps(1)).recorder.closeAll(SECOND_US);
  if (interval === undefined) throw new Error('no interval');
  const second = { fromUs: 0, due: 0, latency: new Histogram().encode() };
  const recovery = { gaps: [[1, 5]] as [number, number][], lateUs: [3], arrivals: [second] };
  expect(checkRecord({ ...interval, recovery } as { type: string })).toBeUndefined();
  const moved = shiftInterval({ ...interval, recovery }, 70);
  expect(moved.recovery).toEqual({
    gaps: [[71, 75]],
    lateUs: [73],
    arrivals: [{ ...second, fromUs: 70 }],
  });
  expect(shiftInterval(moved, -70)).toEqual({ ...interval, recovery });
});

it.each([
  [{ gaps: [[1]] }, '.recovery.gaps[0]'],
  [{ gaps: [], lateUs: ['x'] }, '.recovery.lateUs[0]'],
  [{ gaps: [], arrivals: [{ fromUs: 0, due: -1 }] }, '.recovery.arrivals[0]'],
])('refuses %j in an interval, and says where', (recovery, where) => {
  const [interval] = new SyntheticRun(makeSteps(1)).recorder.closeAll(SECOND_US);
  expect(checkRecord({ ...interval, recovery } as unknown as { type: string })).toContain(where);
});

it('moves samples and ends, a stop with them', () => {
  const sample = { type: 'sample', atUs: 5, elapsedUs: 2 } as GeneratorSample;
  expect(shiftRecord(sample, 10)).toMatchObject({ atUs: 15, elapsedUs: 2 });
  const end: EndRecord = { type: 'end', atUs: 5, stoppedBy: 'end' };
  expect(shiftEnd(end, 10)).toEqual({ type: 'end', atUs: 15, stoppedBy: 'end' });
  expect(shiftEnd({ ...end, stopAtUs: 3 }, 10)).toMatchObject({ atUs: 15, stopAtUs: 13 });
});

it('moves all times of an event, and adds none', () => {
  const begun: EventRecord = {
    type: 'event',
    index: 0,
    kind: 'restart',
    state: 'begun',
    fromUs: 5,
    allowUntilUs: 65,
  };
  expect(shiftRecord(begun, 10)).toEqual({ ...begun, fromUs: 15, allowUntilUs: 75 });
  const done: EventRecord = { ...begun, state: 'done', stoppedUs: 7, toUs: 9 };
  const moved = { ...done, fromUs: 15, stoppedUs: 17, toUs: 19, allowUntilUs: 75 };
  expect(shiftRecord(done, 10)).toEqual(moved);
});
