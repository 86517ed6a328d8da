import { describe, expect, it } from 'vitest';
import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import type { JudgedStep } from '../../../src/analysis/search/outcome.ts';
import { isTrial } from '../../../src/analysis/search/trials/ballot.ts';
import { isUnsure } from '../../../src/analysis/search/trials/unsure.ts';
import type { Capacity, CutShort } from '../../../src/result/records/capacity.ts';
import { QUICK } from '../../support/virtual/describe-repetition.ts';
import { searchVirtually } from '../../support/virtual/virtual-postmaster.ts';

/** Searches of a target that takes 250 connects a second, cut short after any of their steps. */

const WHOLE = searchVirtually({ seed: 1, serviceS: 0.004 }, QUICK);
/** Others took two thirds of the CPU in each step that was not sustained. */
const DISTURBED = WHOLE.steps.map((step) =>
  step.verdict === 'bad' ? { ...step, takenShare: 0.67 } : step,
);
const CUT: CutShort = { by: 'target', atUs: 9_000_000, reason: 'the server went down' };

function cut(steps: readonly JudgedStep[]): Capacity {
  return findCapacity(QUICK, steps, { reason: CUT.reason, cutShort: CUT }, []);
}

const PREFIXES = WHOLE.steps.map((_, at) => at + 1);

describe('a search that was cut short', () => {
  it.each(PREFIXES)('has no upper bound from disturbed steps, after %d steps', (count) => {
    const steps = DISTURBED.slice(0, count);
    expect(steps.some(isUnsure) || count < PREFIXES.length).toBe(true);
    const { upperPerSecond, kind, reason, lowerPerSecond } = cut(steps);
    expect(upperPerSecond).toBeNull();
    expect(kind).toBe('not-reached');
    expect(reason).toBe(CUT.reason);
    const sustained = steps.filter((step) => isTrial(step) && step.verdict === 'good');
    if (sustained.length === 0) expect(lowerPerSecond).toBeNull();
    else expect(lowerPerSecond).toBeGreaterThan(0);
  });

  it.each(PREFIXES)('has only bounds that were tried, after %d steps', (count) => {
    const steps = WHOLE.steps.slice(0, count);
    const { upperPerSecond, lowerPerSecond, kind, reason } = cut(steps);
    const bad = steps.filter((step) => isTrial(step) && step.verdict === 'bad');
    const good = steps.filter((step) => isTrial(step) && step.verdict === 'good');
    const highest = Math.max(0, ...good.map(({ level }) => level));
    expect(lowerPerSecond ?? 0).toBeLessThanOrEqual(highest);
    if (bad.length < 2) expect(upperPerSecond).toBeNull();
    const most = Math.max(0, ...bad.map(({ level }) => level));
    expect(upperPerSecond ?? 0).toBeLessThanOrEqual(most * (1 + QUICK.tolerance));
    if (kind !== 'found') expect(reason).toBe(CUT.reason);
  });

  it('finds what it found when only the last control was left to make', () => {
    expect(cut(WHOLE.steps).kind).toBe('found');
  });

  it('takes a rate that was not sustained once for no bound: it was not tried again', () => {
    const first = WHOLE.steps.findIndex(({ verdict }) => verdict === 'bad');
    expect(cut(WHOLE.steps.slice(0, first + 1)).upperPerSecond).toBeNull();
    expect(cut(WHOLE.steps.slice(0, first + 2)).upperPerSecond).not.toBeNull();
  });

  it('calls no confirmation failed that the target did not live through', () => {
    const hold = WHOLE.steps.findLastIndex(({ role }) => role === 'hold');
    const broken = WHOLE.steps
      .slice(0, hold + 1)
      .map((step, at) => (at === hold ? { ...step, verdict: 'broken' as const } : step));
    expect(cut(broken)).toMatchObject({ confirmed: null, reason: CUT.reason });
  });

  it('counts the step that was under way among those that others disturbed', () => {
    const steps = DISTURBED.slice(0, -1);
    const [unfinished] = DISTURBED.slice(-1);
    if (unfinished === undefined) throw new Error('there is no step');
    const ending = { reason: CUT.reason, cutShort: CUT, unfinished };
    const { disturbed } = findCapacity(QUICK, steps, ending, []);
    expect(disturbed?.of).toBe(DISTURBED.length);
  });
});
