import { expect, it } from 'vitest';
import { SearchFold } from '../../../src/analysis/search/search-fold.ts';
import type { StepRecord } from '../../../src/result/header.ts';
import type { DecisionRecord } from '../../../src/result/records.ts';
import { QUICK } from '../../support/describe-repetition.ts';
import { ALONE, SHARED, sampleHost } from '../../support/host-samples.ts';

const STEP_US = 4_000_000;

function makeStep(index: number): StepRecord & { type: 'step' } {
  const fromUs = index * STEP_US;
  const rates = { startRatePerSecond: 100, endRatePerSecond: 100 };
  return { type: 'step', index, fromUs, toUs: fromUs + STEP_US, role: 'climb', ...rates };
}

function decideAt(atUs: number): DecisionRecord {
  const search = { next: 'step', role: 'climb', level: 100, durationUs: STEP_US } as const;
  return { type: 'decision', atUs, decision: 'search', reason: 'a reason', search };
}

it('holds the samples of the host against the step that they are of', () => {
  const fold = new SearchFold(QUICK);
  for (const [index, shares] of [ALONE, SHARED, ALONE].entries()) {
    fold.add(makeStep(index));
    for (const sample of sampleHost(index * STEP_US, STEP_US / 1e6, shares)) fold.add(sample);
    fold.add(decideAt((index + 1) * STEP_US));
  }
  const [before, during, after] = fold.steps;
  expect(before?.takenShare).toBeUndefined();
  expect(during?.takenShare).toBeCloseTo(0.42, 1);
  expect(after?.takenShare).toBeUndefined();
});
