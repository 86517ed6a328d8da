import { describe, expect, it } from 'vitest';
import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import type { JudgedStep } from '../../../src/analysis/search/outcome.ts';
import { decide } from '../../../src/analysis/search/search.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { type OwnFault, searchVirtually } from '../../support/virtual/virtual-postmaster.ts';

const SETTINGS: SearchSettings = {
  growth: 1.25,
  stepUs: 4_000_000,
  tolerance: 0.05,
  trials: 5,
  maxDurationUs: 120_000_000,
};
const TIME_OVER_US = SETTINGS.maxDurationUs;
const STOPPED = { code: 'GENERATOR_STOPPED', message: 'connstorm was stopped for 0.5 s' } as const;

function search(blame?: OwnFault) {
  const run = searchVirtually({ seed: 1, serviceS: 0.004 }, SETTINGS, blame);
  return { ...run, capacity: findCapacity(SETTINGS, run.steps, { reason: 'the end' }, []) };
}

/** What is known after so many steps; with `isSpoilt`, the last of them was connstorm's own fault. */
function answerAfter(count: number, isSpoilt: boolean) {
  const steps = WHOLE.steps.slice(0, count).map((step, at): JudgedStep => {
    if (!isSpoilt || at < count - 1) return step;
    return { ...step, verdict: 'invalid', because: STOPPED.message };
  });
  const { kind, lowerPerSecond, upperPerSecond } = findCapacity(
    SETTINGS,
    steps,
    { reason: 'the end' },
    [],
  );
  const { next } = decide(SETTINGS, steps, TIME_OVER_US);
  return { kind, lowerPerSecond, upperPerSecond, next };
}

const WHOLE = search();
const SEARCHED = WHOLE.steps.flatMap(({ role }, at) =>
  role === 'climb' || role === 'trial' ? [at + 1] : [],
);

describe('connstorm gives out', () => {
  it('where a rate was its own fault twice in a row: what was sustained below is all that is known', () => {
    const { capacity, steps, moves } = search(({ level, role }) =>
      role === 'climb' && level > 190 ? STOPPED : undefined,
    );
    expect(capacity).toMatchObject({ kind: 'invalid', upperPerSecond: null });
    expect(capacity.reason).toBe(STOPPED.message);
    expect(capacity.lowerPerSecond).toBeGreaterThan(190 / 1.25 / 1.05);
    expect(capacity.lowerPerSecond).toBeLessThan(190);
    expect(steps.slice(-2).map(({ level, verdict }) => ({ level, verdict }))).toEqual(
      Array.from({ length: 2 }, () => ({ level: steps.at(-1)?.level, verdict: 'invalid' })),
    );
    expect(moves.at(-1)?.reason).toBe(`connstorm gave out first: ${STOPPED.message}`);
  });

  it('not where one step was, any of them: it is tried again, and the answer is found', () => {
    for (const count of SEARCHED) {
      const { capacity, steps } = search(({ index }) =>
        index === count - 1 ? STOPPED : undefined,
      );
      const [spoilt, again] = steps.slice(count - 1);
      expect(spoilt?.verdict).toBe('invalid');
      expect(again).toMatchObject({ role: spoilt?.role, level: spoilt?.level });
      expect(capacity.kind).toBe('found');
      expect(capacity.lowerPerSecond).toBeLessThan(250);
      expect(capacity.upperPerSecond).toBeGreaterThan(250);
    }
  });

  it.each(SEARCHED)(
    'not where step %i was and no time is left: the answer is that of the steps before',
    (count) => {
      const before = answerAfter(count - 1, false);
      expect(answerAfter(count, true)).toEqual({ ...before, next: 'done' });
      expect(before.kind).toMatch(/^(found|not-reached|unstable)$/);
    },
  );

  it('after which those steps had told nothing, a rate, and both ends: the rows above are of each', () => {
    const kinds = SEARCHED.map((count) => answerAfter(count, true));
    expect(kinds.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['not-reached', 'unstable']),
    );
    expect(kinds[0]).toMatchObject({ kind: 'not-reached', lowerPerSecond: null });
    expect(kinds[1]).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(kinds[1]?.lowerPerSecond).toBeGreaterThan(100);
  });
});
