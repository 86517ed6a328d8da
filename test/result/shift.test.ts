import { expect, it } from 'vitest';
import type { EndRecord, SampleRecord } from '../../src/result/records.ts';
import { shiftEnd, shiftInterval, shiftSample } from '../../src/result/shift.ts';
import { makeOk, makeSteps, SECOND_US, SyntheticRun } from '../support/synthetic-run.ts';

it('moves every time of an interval, and back', () => {
  const run = new SyntheticRun(makeSteps(1)).ok(makeOk(5000, { scheduledUs: 100 }));
  const [interval] = run.recorder.closeAll(SECOND_US);
  if (interval === undefined) throw new Error('no interval');
  const moved = shiftInterval(interval, 70);
  expect(moved).toMatchObject({ fromUs: 70, toUs: SECOND_US + 70 });
  expect(moved.slowest).toMatchObject([{ scheduledUs: 170, latencyUs: 5000 }]);
  expect(shiftInterval(moved, -70)).toEqual(interval);
});

it('moves samples and ends, a stop with them', () => {
  const sample = { type: 'sample', atUs: 5, elapsedUs: 2 } as SampleRecord;
  expect(shiftSample(sample, 10)).toMatchObject({ atUs: 15, elapsedUs: 2 });
  const end: EndRecord = { type: 'end', atUs: 5, stoppedBy: 'end' };
  expect(shiftEnd(end, 10)).toEqual({ type: 'end', atUs: 15, stoppedBy: 'end' });
  expect(shiftEnd({ ...end, stopAtUs: 3 }, 10)).toMatchObject({ atUs: 15, stopAtUs: 13 });
});
