import { describe, expect, it } from 'vitest';
import { findBounds } from '../../../src/analysis/search/answer/bounds.ts';
import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import { drawCurve } from '../../../src/analysis/search/curve.ts';
import type { JudgedStep } from '../../../src/analysis/search/outcome.ts';
import { decide } from '../../../src/analysis/search/search.ts';
import { StepFold } from '../../../src/analysis/search/step-fold.ts';
import { QUICK } from '../../support/virtual/describe-repetition.ts';
import { searchVirtually } from '../../support/virtual/virtual-postmaster.ts';

/** A search of a target that takes 250 connects a second, one after another. */
const WHOLE = searchVirtually({ seed: 1, serviceS: 0.004 }, QUICK);
const BAD = WHOLE.steps.filter(({ verdict }) => verdict === 'bad');
const LOWEST_BAD = Math.min(...BAD.map(({ level }) => level));

function answer(steps: readonly JudgedStep[]) {
  return findCapacity(QUICK, steps, { reason: 'the end' }, []);
}

/** The next confirmation that the search would make, were there no other trial to make. */
function findHold(steps: readonly JudgedStep[]): number | undefined {
  const move = decide({ ...QUICK, trials: 1 }, steps, 0);
  return move.next === 'step' && move.role === 'hold' ? move.level : undefined;
}

describe('the bounds of an unstable answer', () => {
  it('are close around the capacity where nobody disturbed', () => {
    const { lowerPerSecond, upperPerSecond } = findBounds(WHOLE.steps, QUICK);
    expect(lowerPerSecond).toBeLessThan(250);
    expect(upperPerSecond).toBeGreaterThan(250);
    expect(upperPerSecond).toBeLessThan(LOWEST_BAD * 1.2);
    expect(findBounds(WHOLE.steps, QUICK)).not.toHaveProperty('upperUntried');
  });

  it('allow for what others took of every step that was not sustained', () => {
    const steps = WHOLE.steps.map((step) => ({ ...step, takenShare: 0.5 }));
    const { upperPerSecond } = findBounds(steps, QUICK);
    expect(findBounds(steps, QUICK).upperUntried).toBe(true);
    // Alone the target may do twice as much.
    expect(upperPerSecond).toBeGreaterThanOrEqual(2 * 250);
    expect(upperPerSecond).toBeLessThan(3 * 250);
  });

  it('promise no more than a rate that was sustained, whatever closed loops got', () => {
    const good = WHOLE.steps.filter(({ verdict, role }) => verdict === 'good' && role === 'climb');
    const highest = Math.max(...good.map(({ level }) => level));
    const loops = WHOLE.steps
      .filter(({ role }) => role === 'control')
      .map((step) => ({ ...step, achievedPerSecond: 400 }));
    const bad = BAD.map((step) => ({ ...step, level: 420, achievedPerSecond: 390 }));
    const { lowerPerSecond } = findBounds([...good, ...loops, ...bad], QUICK);
    expect(lowerPerSecond).toBe(highest);
    expect(findBounds([...loops, ...bad], QUICK).lowerPerSecond).toBeNull();
  });

  it('hold what was achieved at any rate, far beyond the knee too', () => {
    const beyond = { ...BAD[0], level: 400, offeredPerSecond: 400, achievedPerSecond: 330 };
    const steps = [...WHOLE.steps, beyond as JudgedStep];
    expect(findBounds(steps, QUICK).upperPerSecond).toBeGreaterThan(330);
  });
});

describe('a confirmation', () => {
  const withoutHold = WHOLE.steps.filter(({ role }) => role !== 'hold');

  it('is of 0.9 of what the answer says at least', () => {
    const hold = findHold(withoutHold);
    expect(hold).toBeCloseTo(0.9 * (answer(WHOLE.steps).lowerPerSecond ?? 0), -1);
  });

  it('is never of nothing: trials that differ by as much as they are', () => {
    let isOdd = false;
    const steps = withoutHold.map((step): JudgedStep => {
      if (step.role !== 'climb' && step.role !== 'trial') return step;
      isOdd = !isOdd;
      return isOdd ? { ...step, achievedPerSecond: 5 } : step;
    });
    const hold = findHold(steps);
    expect(hold === undefined || hold > 1).toBe(true);
  });

  it.each([0, 60])('at %d/s confirms no answer of some 250/s', (level) => {
    const steps = WHOLE.steps.map((step) => (step.role === 'hold' ? { ...step, level } : step));
    expect(answer(steps)).toMatchObject({ kind: 'unstable', confirmed: null });
    expect(answer(WHOLE.steps)).toMatchObject({ kind: 'found', confirmed: true });
  });
});

it('a target that stood still in one control is said to have stood still', () => {
  const controls = WHOLE.steps.filter(({ role }) => role === 'control');
  const steps = WHOLE.steps.map((step) =>
    step === controls[0] ? { ...step, achievedPerSecond: 0 } : step,
  );
  const { kind, reason } = answer(steps);
  expect(kind).toBe('unstable');
  expect(reason).toContain(
    'the target itself stood still at times (the same closed loop achieved 0.0',
  );
});

it('figures of a rate are of the trials that count, of all where none does', () => {
  const rates = { startRatePerSecond: 250, endRatePerSecond: 250, fromUs: 0, toUs: 4_000_000 };
  const tried = ([achievedPerSecond, verdict]: [number, JudgedStep['verdict']]) => ({
    step: {
      ...WHOLE.steps[3],
      role: 'trial',
      level: 250,
      achievedPerSecond,
      verdict,
    } as JudgedStep,
    fold: new StepFold({ index: 0, role: 'trial', ...rates }),
  });
  const achieved = (...steps: [number, JudgedStep['verdict']][]) =>
    drawCurve(steps.map(tried)).map((point) => point.achievedPerSecond);
  expect(achieved([248, 'good'], [20, 'held-up'], [100, 'invalid'])).toEqual([248]);
  expect(achieved([30, 'held-up'], [20, 'held-up'])).toEqual([25]);
});
