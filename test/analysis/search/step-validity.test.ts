import { describe, expect, it } from 'vitest';
import { judgeStep } from '../../../src/analysis/search/judge-step.ts';
import { agreeWithSearch } from '../../../src/analysis/search/step-validity.ts';
import { createSummary } from '../../../src/analysis/summary.ts';
import type { CurvePoint } from '../../../src/result/records/capacity.ts';
import type { StepRecord } from '../../../src/result/records/header.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import { planSearch } from '../../support/synthetic/synthetic-capacity.ts';
import {
  makeHeader,
  makeOk,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';

const STEP_US = 2 * SECOND_US;

/** A search of one step a rate, each of `lateUs` of lateness and 3 ms of service time in every attempt. */
function search(steps: readonly { rate: number; lateUs: number }[]): SummaryRecord {
  const planned = steps.map(({ rate }, index): StepRecord => {
    const fromUs = index * STEP_US;
    const rates = { startRatePerSecond: rate, endRatePerSecond: rate };
    return { index, fromUs, toUs: fromUs + STEP_US, role: 'climb', ...rates };
  });
  const run = new SyntheticRun(planned);
  for (const [step, { rate, lateUs }] of steps.entries()) {
    for (let at = 0; at < 2 * rate; at++) {
      const scheduledUs = step * STEP_US + Math.floor((at * SECOND_US) / rate);
      run.ok(makeOk(3000 + lateUs, { step, scheduledUs, latenessUs: lateUs }));
    }
  }
  const header = makeHeader({ steps: [] });
  const fold = createSummary({ ...header, plan: planSearch(header.plan) });
  const intervals = run.recorder.closeAll(steps.length * STEP_US);
  for (const step of planned) {
    fold.add({ type: 'step', ...step });
    const own = intervals.filter(({ fromUs }) => fromUs >= step.fromUs && fromUs < step.toUs);
    for (const interval of own) fold.add(interval);
    const move = { next: 'step', role: 'climb', level: 1, durationUs: STEP_US } as const;
    fold.add({ type: 'decision', atUs: step.toUs, decision: 'search', reason: '', search: move });
  }
  return fold.finish() as SummaryRecord;
}

function countInvalid({ steps }: SummaryRecord, { offeredPerSecond }: CurvePoint): number {
  return steps.filter(
    ({ startRatePerSecond, validity }) =>
      startRatePerSecond === offeredPerSecond && !validity.valid,
  ).length;
}

describe('the steps of a search and its curve', () => {
  const summary = search([
    { rate: 50, lateUs: 5000 },
    { rate: 60, lateUs: 100 },
    { rate: 70, lateUs: 5000 },
    { rate: 70, lateUs: 100 },
    { rate: 80, lateUs: 150_000 },
  ]);
  const curve = summary.capacity?.curve ?? [];

  it('say the same of how many trials were connstorm itself', () => {
    expect(curve.map(({ invalid, late = 0 }) => ({ invalid, late }))).toEqual([
      { invalid: 0, late: 1 },
      { invalid: 0, late: 0 },
      { invalid: 0, late: 1 },
      { invalid: 1, late: 0 },
    ]);
    for (const point of curve)
      expect(point.invalid + (point.late ?? 0)).toBe(countInvalid(summary, point));
  });

  it('show latencies of trials without lateness, and else name those that are bounds', () => {
    const [late, whole, both, invalid] = curve;
    expect(late?.latency.atMost).toContain('p50Us');
    expect(whole?.latency).not.toHaveProperty('atMost');
    expect(both?.latency).not.toHaveProperty('atMost');
    expect(both?.latency.count).toBe(140);
    expect(both?.latency.maxUs).toBeLessThan(3200);
    expect(invalid?.latency.atMost).toContain('p50Us');
  });
});

it('calls a step invalid that the search leaves out, where its figures alone would not', () => {
  const [step] = search([{ rate: 50, lateUs: 100 }]).steps;
  if (step === undefined) throw new Error('there is no step');
  expect(step.validity.valid).toBe(true);
  const judged = judgeStep({
    ...step,
    role: 'climb',
    atUs: 0,
    level: 100,
    offeredPerSecond: 100,
    achievedPerSecond: 50,
    started: 200,
    dropped: 30,
    timedOut: 0,
    refused: 0,
    broken: 0,
    inFlight: [],
    measuredUs: STEP_US,
    ownCpuShare: 0.71,
    served: true,
    isBrokenAtEnd: false,
    reasons: [],
  });
  expect(agreeWithSearch(step, judged).validity).toEqual({
    valid: false,
    reasons: [{ code: 'OWN_CPU', message: judged.because }],
  });
});
