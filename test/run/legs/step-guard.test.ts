import { describe, expect, it, vi } from 'vitest';
import { REAL_TIME } from '../../../src/load/threads/ports.ts';
import { StepGuard } from '../../../src/run/legs/step-guard.ts';

/** A guard of a search whose steps do nothing. */
function guard({ goesOn = true, hasBegun = true } = {}) {
  vi.useFakeTimers();
  const told: string[] = [];
  const made: StepGuard = new StepGuard({
    coordinator: {
      endBlock: () => goesOn,
      resume: () => {
        told.push('resumed');
        made.drained();
      },
    },
    decide: (decision, reason) => told.push(`${decision}: ${reason}`),
    kill: (reason) => told.push(`kill: ${reason}`),
    goOn: () => told.push('next'),
    time: REAL_TIME,
  });
  if (hasBegun) made.drained();
  told.length = 0;
  return { guard: made, told };
}

describe('a search whose target is too slow to others', () => {
  it('has its step ended, and goes on once the target is in time again', () => {
    const { guard: it, told } = guard();
    it.slowed('slow');
    it.drained();
    expect(told).toEqual(['endStep: slow']);
    it.cameBack();
    expect(told).toEqual(['endStep: slow', 'resumed', 'next']);
  });

  it('goes on at once where it was in time before the step had drained', () => {
    const { guard: it, told } = guard();
    it.slowed('slow');
    it.cameBack();
    it.drained();
    expect(told).toEqual(['endStep: slow', 'next']);
  });

  it('is told that the target did not come back', () => {
    const { guard: it, told } = guard();
    it.slowed('slow');
    it.drained();
    vi.advanceTimersByTime(9_999);
    expect(told).toEqual(['endStep: slow']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([
      'endStep: slow',
      'notBack: slow; 10 s later the target still answered no faster',
      'resumed',
      'next',
    ]);
  });

  it('is ended where the target was too slow before its first step', () => {
    const { guard: it, told } = guard({ hasBegun: false });
    it.slowed('slow');
    expect(told).toEqual(['kill: slow']);
  });

  it('waits between two steps too, where no step is to be ended', () => {
    const { guard: it, told } = guard({ goesOn: false });
    it.slowed('slow');
    it.drained();
    expect(told).toEqual([]);
    it.stop();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });
});
