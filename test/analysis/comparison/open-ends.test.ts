import { describe, expect, it } from 'vitest';
import {
  compareSides,
  DEFAULT_COMPARE,
  objectToVariants,
} from '../../../src/analysis/comparison/compare-sides.ts';
import type { Side } from '../../../src/analysis/comparison/obstacles.ts';
import { zeroCounts } from '../../../src/model/accounting.ts';
import type { Comparison } from '../../../src/result/records/comparison.ts';
import type { RoundSummary } from '../../../src/result/records/summary-records.ts';
import { makeMetric, makeRound, sideOf } from '../../support/synthetic/synthetic-side.ts';

const SETTINGS = {
  ...DEFAULT_COMPARE,
  primary: { metric: 'latency', aggregation: 'p(50)' },
} as const;

function judge(a: Side, b: Side): Comparison | undefined {
  return compareSides([b, a], SETTINGS, {
    findObjections: objectToVariants(SETTINGS),
    isForced: false,
  })[0];
}

const invalid = (...codes: string[]): Pick<RoundSummary, 'validity'> => ({
  validity: { valid: false, reasons: codes.map((code) => ({ code, message: 'a reason' })) },
});

const TIMES = { latency: makeMetric(9000), serviceTime: makeMetric(9000) };
const GOOD = makeRound(TIMES);
const LATENESS = { ...TIMES, lateness: makeMetric(20_000) };
/** From the schedule alone, so that nothing but the lateness bounds it. */
const LATE = makeRound(
  { latency: makeMetric(9000), serviceTime: makeMetric(0), lateness: makeMetric(20_000) },
  invalid('LATE_GENERATOR'),
);
const SHORT = makeRound(LATENESS, invalid('LATE_GENERATOR', 'GENERATOR_STARVED'));
/** Of a thousand attempts, six hundred were refused. */
const REFUSING = makeRound(
  { latency: makeMetric(9000, { count: 400 }), serviceTime: makeMetric(9000, { count: 400 }) },
  { accounting: { ...zeroCounts(), inFlight: 0, started: 1000, ok: 400, failed: 600 } },
);
const CUT = makeRound(TIMES, { stoppedBy: 'condition' });

const times = (count: number, round: RoundSummary): RoundSummary[] =>
  Array.from({ length: count }, () => round);
const side = (name: string, ...rounds: RoundSummary[]): Side => sideOf(name, rounds);

describe('an interval without an end tells what left it open', () => {
  it.each<[string, RoundSummary[], RoundSummary[], Comparison['openBy']]>([
    ['nothing, if both ends are known', times(5, GOOD), times(5, GOOD), undefined],
    [
      'nothing, if too few rounds are open for that',
      [...times(9, GOOD), REFUSING],
      times(10, GOOD),
      undefined,
    ],
    ['too few attempts', times(5, REFUSING), times(5, REFUSING), ['too-few']],
    [
      'too few attempts in one round of each',
      [...times(4, GOOD), REFUSING],
      [REFUSING, ...times(4, GOOD)],
      ['too-few'],
    ],
    ['lateness', times(5, LATE), times(5, LATE), ['late']],
    [
      'lateness of one round of each',
      [...times(4, GOOD), LATE],
      [LATE, ...times(4, GOOD)],
      ['late'],
    ],
    ['a wait for a CPU', times(5, SHORT), times(5, SHORT), ['short-of-cpu']],
    ['rounds that are left out', [...times(5, GOOD), CUT, CUT], times(5, GOOD), ['left-out']],
    ['a cause for each end', times(5, LATE), [...times(5, GOOD), CUT, CUT], ['left-out', 'late']],
    [
      'what is enough alone, not what is rare beside it',
      [...times(10, SHORT), CUT],
      times(11, SHORT),
      ['short-of-cpu'],
    ],
    ['too few attempts on one side alone', times(5, REFUSING), times(5, GOOD), ['too-few']],
  ])('%s', (_, a, b, openBy) => {
    const judged = judge(side('a', ...a), side('b', ...b));
    expect(judged?.openBy).toEqual(openBy);
    const isOpen = judged?.low === null || judged?.high === null;
    expect(isOpen).toBe(openBy !== undefined);
  });

  it('all that have a part in it, if none is enough alone', () => {
    const a = side('a', ...times(9, GOOD), LATE, REFUSING, CUT);
    const b = side('b', ...times(9, GOOD), LATE, REFUSING, CUT);
    expect(judge(a, b)?.openBy).toEqual(['left-out', 'too-few', 'late']);
  });
});
