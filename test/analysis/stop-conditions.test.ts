import { describe, expect, it } from 'vitest';
import { StopConditions } from '../../src/analysis/stop-conditions.ts';
import { zeroConnections, zeroCounts } from '../../src/model/accounting.ts';
import type { IntervalRecord } from '../../src/result/records/intervals.ts';
import type { StopPlan } from '../../src/scenario/plan/plan.ts';

const NEVER: StopPlan = {
  errorRate: undefined,
  failedInARow: undefined,
  maxOpen: undefined,
  afterUs: undefined,
};

/** The `second`-th second of a run. */
function makeInterval(
  second: number,
  { ok = 0, failed = 0, ...over }: Partial<IntervalRecord> & { ok?: number; failed?: number },
): IntervalRecord {
  const counts = { ...zeroCounts(), ok, failed };
  const step = { step: 0, counts, connections: zeroConnections(), completed: 0, timedOut: 0 };
  return {
    type: 'interval',
    fromUs: second * 1e6,
    toUs: (second + 1) * 1e6,
    inFlight: 0,
    open: 0,
    steps: [{ ...step, localFailures: {}, boundaries: {}, histograms: {} }],
    errors: [],
    slowest: [],
    ...over,
  };
}

/** The seconds at which it would stop. */
function judgeAll(
  plan: Partial<StopPlan>,
  seconds: Parameters<typeof makeInterval>[1][],
): number[] {
  const conditions = new StopConditions({ ...NEVER, ...plan });
  return seconds.flatMap((it, second) =>
    conditions.judge(makeInterval(second, it)) === undefined ? [] : [second],
  );
}

describe('errorRate', () => {
  const errorRate = { above: 0.5, windowUs: 3e6, minAttempts: 10 };

  it('looks back over its window and no further', () => {
    const bad = { failed: 10 };
    const good = { ok: 10 };
    expect(judgeAll({ errorRate }, [good, good, bad, bad, good, good, good])).toEqual([3, 4]);
  });

  it('is not judged below minAttempts, and not reached by as much as it allows', () => {
    expect(judgeAll({ errorRate }, [{ failed: 3 }, { failed: 3 }, { failed: 3 }])).toEqual([]);
    expect(judgeAll({ errorRate }, [{ failed: 10, ok: 10 }])).toEqual([]);
    expect(judgeAll({ errorRate }, [{ failed: 11, ok: 10 }])).toEqual([0]);
  });
});

describe('the other conditions', () => {
  it.each([
    ['failedInARow', { failedInARow: 5 }, [{ failedInARow: 4 }, {}, { failedInARow: 5 }], [2]],
    ['maxOpen', { maxOpen: 10 }, [{ open: 10 }, { open: 4, inFlight: 7 }], [1]],
    ['after', { afterUs: 2e6 }, [{}, {}, {}], [1, 2]],
    ['none', {}, [{ failed: 100, failedInARow: 100, open: 1e6 }], []],
  ])('%s', (_, plan, seconds, stops) => {
    expect(judgeAll(plan, seconds)).toEqual(stops);
  });
});
