import { describe, expect, it } from 'vitest';
import { SearchFold } from '../../../src/analysis/search/search-fold.ts';
import type { StepRecord } from '../../../src/result/records/header.ts';
import type { DecisionRecord } from '../../../src/result/records/records.ts';
import { ALONE, SHARED, sampleHost } from '../../support/synthetic/host-samples.ts';
import {
  makeAttempt,
  makeOk,
  REFUSED,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';
import { QUICK } from '../../support/virtual/describe-repetition.ts';

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

describe('a search that the kill switch ended', () => {
  const TASTE: StepRecord = {
    index: 0,
    fromUs: 0,
    toUs: STEP_US,
    role: 'taste',
    loop: 'closed',
    startClients: 8,
    endClients: 8,
  };
  const play = (refused: number): SearchFold => {
    const run = new SyntheticRun([TASTE]);
    for (let index = 0; index < 10; index++) run.ok(makeOk(3000));
    for (let index = 0; index < refused; index++) {
      run.ended(makeAttempt({ atUs: 5000 }), 'failed', REFUSED);
    }
    const fold = new SearchFold(QUICK);
    fold.add({ type: 'step', ...TASTE });
    for (const interval of run.recorder.closeAll(1_000_000)) fold.add(interval);
    return fold;
  };
  const KILL = {
    type: 'decision',
    atUs: 900_000,
    decision: 'kill',
    reason: 'others are refused',
  } as const;

  const KILLED = { stoppedBy: 'condition', reason: KILL.reason, atUs: 900_000 } as const;

  it('has above that, no slot was free (wall) where its last step was refused because no slot was free', () => {
    const fold = play(30);
    fold.add(KILL);
    expect(fold.capacity(KILLED)).toMatchObject({
      kind: 'wall',
      lowerPerSecond: null,
      upperPerSecond: null,
      reason: '30 of 40 connects were refused (53300 sorry, too many clients already)',
    });
  });

  it('has met none where nothing was refused', () => {
    const fold = play(0);
    fold.add(KILL);
    expect(fold.capacity(KILLED)).toMatchObject({
      kind: 'not-reached',
      reason: KILL.reason,
      cutShort: { by: 'target', atUs: 900_000, reason: KILL.reason },
    });
  });

  it('says nothing of a step that a person stopped', () => {
    const end = { stoppedBy: 'signal', reason: 'interrupted', atUs: 900_000 } as const;
    expect(play(30).capacity(end)).toMatchObject({
      kind: 'not-reached',
      cutShort: { by: 'signal' },
    });
  });
});
