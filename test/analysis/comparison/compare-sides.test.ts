import { describe, expect, it } from 'vitest';
import {
  compareSides,
  DEFAULT_COMPARE,
  objectToResults,
  objectToVariants,
} from '../../../src/analysis/comparison/compare-sides.ts';
import type { Side } from '../../../src/analysis/comparison/obstacles.ts';
import { zeroCounts } from '../../../src/model/accounting.ts';
import type { Comparison } from '../../../src/result/records/comparison.ts';
import type { CompareRecord } from '../../../src/result/records/header.ts';
import type { ServerFindings } from '../../../src/result/records/target.ts';
import { makeMetric, makeRound, makeSide, sideOf } from '../../support/synthetic/synthetic-side.ts';

const SLOW = makeSide('direct', [99_000, 100_000, 100_000, 101_000, 102_000]);
const FAST = makeSide('pooled', [19_000, 20_000, 20_000, 20_500, 21_000]);

function compare(
  sides: readonly Side[],
  settings: Partial<CompareRecord> = {},
  { isForced = false, objectTo = objectToVariants } = {},
): Comparison[] {
  const whole = { ...DEFAULT_COMPARE, ...settings };
  return compareSides(sides, whole, { findObjections: objectTo(whole), isForced });
}

function judge(...args: Parameters<typeof compare>): Comparison | undefined {
  return compare(...args).find(({ primary }) => primary);
}

/** As the side, but with what else was found of its server. */
function found(side: Side, server: Partial<ServerFindings>): Side {
  const { target } = side.record;
  const found = { ...target, server: { ...target.server, ...server } };
  return { ...side, record: { ...side.record, target: found } };
}

describe('a comparison', () => {
  it('judges p99 of the first query of each side against the first', () => {
    const other = makeSide('session', [98_000, 99_000, 100_000, 101_000, 103_000]);
    const judged = compare([SLOW, FAST, other]).filter(({ primary }) => primary);
    expect(judged).toMatchObject([
      { metric: 'firstQuery', aggregation: 'p(99)', a: 'pooled', b: 'direct', verdict: 'faster' },
      { a: 'session', b: 'direct', verdict: 'equivalent', n: 5 },
    ]);
    const [{ ratio, low, high, aUs, bUs, margin } = {} as Comparison] = judged;
    expect(ratio).toBeCloseTo(0.2, 2);
    expect(low).toBeLessThan(ratio ?? 0);
    expect(high).toBeGreaterThan(ratio ?? 0);
    expect([aUs, bUs]).toEqual([20_000, 100_000]);
    expect(margin).toEqual({ low: 0.95, high: 1.05 });
  });

  it('does not judge by another figure where queries were asked and none was answered', () => {
    const asking = (name: string): Side => {
      const side = sideOf(
        name,
        [1, 2, 3, 4, 5].map(() => makeRound({ latency: makeMetric(9000) })),
      );
      return { ...side, record: { ...side.record, spec: { connection: { queries: 1 } } } };
    };
    expect(judge([asking('direct'), asking('pooled')])).toMatchObject({
      metric: 'firstQuery',
      verdict: 'descriptive',
      reasons: ['pooled and direct have no firstQuery p(99)'],
    });
  });

  it('shows other figures that both have, and judges none of them', () => {
    const rounds = (us: number) =>
      Array.from({ length: 5 }, () =>
        makeRound({ latency: makeMetric(us), serviceTime: makeMetric(us), spawn: makeMetric(us) }),
      );
    const entries = compare([sideOf('a', rounds(50_000)), sideOf('b', rounds(90_000))]);
    expect(
      entries.map(({ metric, aggregation, verdict }) => [metric, aggregation, verdict]),
    ).toEqual([
      ['latency', 'p(99)', 'slower'],
      ['latency', 'p(50)', 'descriptive'],
      ['serviceTime', 'p(50)', 'descriptive'],
      ['serviceTime', 'p(99)', 'descriptive'],
      ['spawn', 'p(50)', 'descriptive'],
      ['spawn', 'p(99)', 'descriptive'],
    ]);
  });

  it('holds no spawns against each other that end at different things', () => {
    const rounds = Array.from({ length: 5 }, () =>
      makeRound({ latency: makeMetric(50_000), spawn: makeMetric(9000) }),
    );
    const other = sideOf('b', rounds);
    const summary = { ...other.summary, boundaries: { 'auth-request': 5000 } };
    const entries = compare([sideOf('a', rounds), { ...other, summary }]);
    expect(entries.map(({ metric }) => metric)).not.toContain('spawn');
  });

  it('judges the figure that was declared', () => {
    const primary = { metric: 'spawn', aggregation: 'p(50)' } as const;
    expect(judge([SLOW, FAST], { primary })).toMatchObject({
      ...primary,
      verdict: 'descriptive',
      reasons: ['pooled and direct have no spawn p(50)'],
    });
  });

  it('is none of searches', () => {
    const capacity = { kind: 'found' } as Side['summary']['capacity'];
    expect(compare([SLOW, { ...FAST, summary: { ...FAST.summary, capacity } }])).toEqual([]);
  });
});

describe('differences that do not matter', () => {
  it.each([
    ['3 % of 100 ms', [103_000, 103_100, 103_200, 103_300, 103_400], {}, 'equivalent'],
    ['10 % of 100 ms', [110_000, 110_100, 110_200, 110_300, 110_400], {}, 'slower'],
    [
      '10 % where 20 % do not matter',
      [110_000, 110_100, 110_200, 110_300, 110_400],
      { relative: 0.2 },
      'equivalent',
    ],
    [
      '10 ms where 50 ms do not',
      [110_000, 110_100, 110_200, 110_300, 110_400],
      { absoluteUs: 50_000 },
      'equivalent',
    ],
  ])('%s: %s', (_name, values, settings, verdict) => {
    const base = makeSide('base', [100_000, 100_000, 100_000, 100_000, 100_000]);
    expect(judge([base, makeSide('other', values)], settings)?.verdict).toBe(verdict);
  });

  it('are those below a millisecond, however many times as long', () => {
    const base = makeSide('base', [200, 200, 200, 200, 200]);
    expect(judge([base, makeSide('other', [600, 600, 610, 610, 620])])?.verdict).toBe('equivalent');
    expect(judge([base, makeSide('other', [1300, 1300, 1310, 1310, 1320])])?.verdict).toBe(
      'slower',
    );
  });
});

describe('rounds', () => {
  it('are too few below five, whatever they say', () => {
    const few = makeSide('pooled', [19_000, 20_000, 21_000, 22_000]);
    expect(judge([SLOW, few])).toMatchObject({
      verdict: 'descriptive',
      n: 4,
      reasons: ['there are 4 rounds, but a verdict needs 5 (--repeat 5)'],
    });
  });

  it('of which three meet three have no interval', () => {
    const three = (side: Side): Side => sideOf(side.name, side.summary.rounds.slice(0, 3));
    expect(judge([three(SLOW), three(FAST)])).toMatchObject({ n: 3, low: null, high: null });
  });

  it('that were cut short or are invalid do not count', () => {
    const [first, second, ...rest] = FAST.summary.rounds;
    if (first === undefined || second === undefined) throw new Error('there are rounds');
    const starved = {
      valid: false,
      reasons: ['LATE_GENERATOR', 'GENERATOR_STARVED'].map((code) => ({ code, message: code })),
    };
    const rounds = [
      { ...first, stoppedBy: 'signal' as const },
      { ...second, validity: starved },
      ...rest,
    ];
    const side = { ...FAST, summary: { ...FAST.summary, rounds } };
    expect(judge([SLOW, side])).toMatchObject({
      n: 3,
      verdict: 'descriptive',
      reasons: [
        "3 of pooled's 5 rounds are whole and valid, but a verdict needs 5. Invalid rounds: LATE_GENERATOR in 1, GENERATOR_STARVED in 1. LATE_GENERATOR: LATE_GENERATOR",
      ],
    });
  });

  it('none of which counts are said so', () => {
    const side = sideOf('pooled', []);
    expect(judge([SLOW, side])).toMatchObject({
      verdict: 'descriptive',
      reasons: ['no round of pooled is whole and valid'],
      ratio: null,
    });
  });
});

describe('a side that connstorm was late with', () => {
  const LATE = { valid: false, reasons: [{ code: 'LATE_GENERATOR', message: 'late' }] };
  const late = (side: Side, maxUs: number): Side => ({
    ...side,
    summary: {
      ...side.summary,
      validity: LATE,
      metrics: { ...side.summary.metrics, lateness: makeMetric(maxUs) },
      rounds: side.summary.rounds.map((round) => {
        const metrics = { ...round.metrics, lateness: makeMetric(maxUs) };
        return { ...round, metrics };
      }),
    },
  });

  it('is faster where it is with all of its lateness', () => {
    expect(judge([SLOW, late(FAST, 5000)])).toMatchObject({
      verdict: 'faster',
      late: ['a'],
      ratioIs: 'at-most',
      aUs: 20_000,
    });
    expect(judge([SLOW, late(FAST, 50_000)])).toMatchObject({ verdict: 'faster', low: null });
  });

  it('is as fast if both are well below what matters, and one of them may have taken nothing', () => {
    const base = late(makeSide('direct', Array(5).fill(33_000)), 11_000);
    const quick = late(makeSide('pooled', Array(5).fill(7600)), 7600);
    const wide = { absoluteUs: 1_000_000 };
    expect(judge([base, quick], wide)).toMatchObject({ verdict: 'equivalent', low: null });
    expect(judge([base, quick], { absoluteUs: 20_000 })?.verdict).toBe('inconclusive');
  });

  it('is not called as fast as one that may have taken nothing', () => {
    const base = late(makeSide('direct', Array(5).fill(20_000)), 19_600);
    expect(judge([base, makeSide('pooled', Array(5).fill(500))])?.verdict).toBe('inconclusive');
  });

  it('is allowed for what would count as a difference, though its figures are valid', () => {
    const valid = (side: Side, maxUs: number): Side => {
      const { summary, ...rest } = late(side, maxUs);
      return { ...rest, summary: { ...summary, validity: { valid: true, reasons: [] } } };
    };
    const quick = makeSide('before', Array(5).fill(3200));
    const slow = makeSide('after', Array(5).fill(4900));
    expect(judge([valid(quick, 200), valid(slow, 1900)])).toMatchObject({
      verdict: 'inconclusive',
      late: ['a'],
    });
    expect(judge([valid(quick, 200), valid(slow, 500)])?.verdict).toBe('slower');
    expect(judge([valid(SLOW, 1900), valid(FAST, 1900)])).not.toHaveProperty('late');
  });

  it('is not slower where lateness alone may make it so', () => {
    expect(judge([FAST, late(SLOW, 5000)])?.verdict).toBe('slower');
    expect(judge([FAST, late(SLOW, 90_000)])?.verdict).toBe('inconclusive');
    expect(judge([late(SLOW, 90_000), FAST])?.verdict).toBe('inconclusive');
  });

  const serve = (name: string, us: number, metrics = {}): Side =>
    sideOf(
      name,
      Array.from({ length: 5 }, () => makeRound({ serviceTime: makeMetric(us), ...metrics })),
    );

  it('has no latency in a closed loop, and is said to have service time', () => {
    const primary = { metric: 'latency', aggregation: 'p(99)' } as const;
    expect(judge([serve('b', 90_000), serve('a', 90_000)], { primary })?.reasons).toEqual([
      'a and b have no latency p(99) (a closed loop has no schedule: use serviceTime)',
    ]);
  });

  it('gets no verdict in a closed loop, whose delays are in every answer', () => {
    const side = late(serve('a', 90_000), 50_000);
    expect(judge([serve('b', 100_000), side])).toMatchObject({
      verdict: 'descriptive',
      reasons: ['a is invalid: LATE_GENERATOR'],
    });
  });

  it('is judged as ever by what does not count from the schedule', () => {
    const open = { latency: makeMetric(95_000) };
    const sides = [serve('b', 100_000, open), late(serve('a', 90_000, open), 50_000)];
    const judged = judge(sides, { primary: { metric: 'serviceTime', aggregation: 'p(99)' } });
    expect(judged).toMatchObject({ verdict: 'faster' });
    expect(judged).not.toHaveProperty('late');
  });

  it('gets no verdict where something else is wrong as well', () => {
    for (const code of ['WORKER_SATURATED', 'GENERATOR_STOPPED', 'OUT_OF_PORTS']) {
      expect(judge([SLOW, blame(late(FAST, 5000), code)])?.verdict).toBe('descriptive');
    }
  });

  const blame = (side: Side, code: string): Side => {
    const reasons = [...LATE.reasons, { code, message: 'a reason' }];
    return { ...side, summary: { ...side.summary, validity: { valid: false, reasons } } };
  };
  const serviceTime = { metric: 'serviceTime', aggregation: 'p(90)' } as const;

  it.each([
    ['faster by more than it waited for a CPU', 20_000, 5000, 'faster'],
    ['faster however long it waited', 20_000, 50_000, 'faster'],
    ['slower by more than it waited', 300_000, 50_000, 'slower'],
    ['slower by no more than it may have waited', 130_000, 50_000, 'inconclusive'],
  ])('that waited for a CPU is called what it is all the same: %s', (_, us, lateUs, verdict) => {
    const open = { latency: makeMetric(us) };
    const base = serve('b', 100_000, { latency: makeMetric(100_000) });
    const side = blame(late(serve('a', us, open), lateUs), 'GENERATOR_STARVED');
    expect(judge([base, side], { primary: serviceTime })).toMatchObject({ verdict, late: ['a'] });
  });

  it('that waited for a CPU may have phases that are too short', () => {
    const phase = (name: string, us: number) =>
      sideOf(
        name,
        Array.from({ length: 5 }, () =>
          makeRound({
            serviceTime: makeMetric(9000),
            latency: makeMetric(9000),
            spawn: makeMetric(us),
          }),
        ),
      );
    const primary = { metric: 'spawn', aggregation: 'p(50)' } as const;
    const starve = (us: number) => blame(late(phase('a', us), 3000), 'GENERATOR_STARVED');
    expect(judge([phase('b', 6000), starve(4000)], { primary })?.verdict).toBe('inconclusive');
    expect(judge([phase('b', 9000), starve(4000)], { primary })?.verdict).toBe('faster');
  });
});

describe('the survivors of a side', () => {
  const refusing = (ok: number, us: number): Side =>
    sideOf(
      'refusing',
      Array.from({ length: 5 }, () =>
        makeRound(
          { firstQuery: makeMetric(us, { count: ok }) },
          { accounting: { ...zeroCounts(), inFlight: 0, started: 1000, ok, failed: 1000 - ok } },
        ),
      ),
    );

  it('win nothing where more were refused than the quantile leaves room for', () => {
    expect(judge([SLOW, refusing(980, 1000)])).toMatchObject({
      verdict: 'inconclusive',
      atLeast: ['a'],
      high: null,
    });
    expect(judge([SLOW, refusing(990, 1000)])?.verdict).toBe('faster');
  });

  /** A thousand tries, of which 11 take 900 ms where they are served, and the others 20. */
  const skewed = (name: string, refused: number): Side => {
    const ok = 1000 - refused;
    const quick = { p50Us: 20_000, p90Us: 20_000, p95Us: 20_000 };
    const p99Us = refused === 0 ? 900_000 : 20_000;
    const slow = { p99Us, p999Us: 900_000, maxUs: 900_000 };
    return sideOf(
      name,
      Array.from({ length: 5 }, () =>
        makeRound(
          { firstQuery: makeMetric(20_000, { count: ok, ...quick, ...slow }) },
          { accounting: { ...zeroCounts(), inFlight: 0, started: 1000, ok, failed: refused } },
        ),
      ),
    );
  };

  it('win nothing by refusing those that would have been slow', () => {
    const judged = judge([skewed('serving', 0), skewed('refusing', 10)]);
    expect(judged).toMatchObject({ verdict: 'inconclusive', atLeast: ['a'], aUs: 20_000 });
    expect(judged?.high).toBeCloseTo(1);
    expect(judged?.low).toBeCloseTo(20 / 900);
  });

  it('are equivalent to nothing where too few were served, whatever these took', () => {
    expect(judge([refusing(500, 900), makeSide('quick', Array(5).fill(500))])?.verdict).toBe(
      'inconclusive',
    );
  });

  it('can lose', () => {
    expect(judge([FAST, refusing(500, 90_000)])).toMatchObject({
      verdict: 'slower',
      ratioIs: 'at-least',
      high: null,
    });
  });

  it('do not make the other side slow', () => {
    expect(judge([refusing(500, 1000), SLOW])?.verdict).toBe('inconclusive');
  });

  it('are none where nothing was answered', () => {
    const nothing = { count: 0, censored: 1000, p99Us: 0, atLeast: ['p99Us' as const] };
    const dead = Array.from({ length: 5 }, () => makeRound({ firstQuery: makeMetric(0, nothing) }));
    expect(judge([SLOW, sideOf('dead', dead)])).toMatchObject({
      verdict: 'inconclusive',
      ratio: null,
      low: null,
      high: null,
    });
  });
});

describe('sides that should not be compared', () => {
  const invalid = { valid: false, reasons: [{ code: 'NO_DATA', message: 'none' }] };
  const CASES: [string, Side, string][] = [
    [
      'another auth method',
      found(FAST, { auth: 'trust' }),
      'auth method differs: direct scram-sha-256, pooled trust (if you intend this, use compare.across=[auth])',
    ],
    [
      'TLS on one side',
      found(FAST, { tls: 'TLSv1.3' }),
      'encryption differs: direct no TLS, pooled TLS (if you intend this, use compare.across=[tls])',
    ],
    [
      'an invalid side',
      { ...FAST, summary: { ...FAST.summary, validity: invalid } },
      'pooled is invalid: NO_DATA',
    ],
  ];

  it.each(CASES)('get no verdict: %s', (_name, side, reason) => {
    expect(judge([SLOW, side])).toMatchObject({ verdict: 'descriptive', reasons: [reason] });
  });

  it.each(CASES)('get one by force, and are marked: %s', (_name, side, reason) => {
    const judged = judge([SLOW, side], {}, { isForced: true });
    expect(judged).toMatchObject({ verdict: 'faster', forced: true, reasons: [reason] });
  });

  it('may differ in what is meant to differ', () => {
    const trusting = found(FAST, { auth: 'trust' });
    expect(judge([SLOW, trusting], { across: ['auth'] })?.verdict).toBe('faster');
    const spec = { connection: { driver: 'wire', sslmode: 'require' } };
    const encrypted = found(FAST, { tls: 'TLSv1.3' });
    const side = { ...encrypted, record: { ...encrypted.record, spec } };
    expect(judge([SLOW, side])?.verdict).toBe('faster');
  });

  it('may differ in their labs, which are servers of their own', () => {
    const spec = { ...SLOW.record.spec, lab: { postgres: { auth: 'trust' } } };
    const trusting = found(FAST, { auth: 'trust', instance: 'b' });
    const side = { ...trusting, record: { ...trusting.record, spec } };
    expect(judge([found(SLOW, { instance: 'a' }), side])?.verdict).toBe('faster');
  });

  it('reach different servers, as far as is known', () => {
    const one = found(SLOW, { instance: 'a' });
    expect(judge([one, found(FAST, { instance: 'b' })])?.verdict).toBe('descriptive');
    expect(judge([one, found(FAST, { instance: 'a' })])?.verdict).toBe('faster');
    expect(judge([one, FAST])?.verdict).toBe('faster');
  });

  it('get none by force where there are too few rounds', () => {
    const few = sideOf('few', FAST.summary.rounds.slice(0, 3));
    expect(judge([SLOW, few], {}, { isForced: true })?.verdict).toBe('descriptive');
  });

  it('are results of different scenarios, of variants that is the point', () => {
    const spec = { ...FAST.record.spec, connection: { driver: 'pg', queries: 0 } };
    const other = { ...FAST, record: { ...FAST.record, spec } };
    expect(judge([SLOW, other])?.verdict).toBe('faster');
    expect(judge([SLOW, other], {}, { objectTo: objectToResults })).toMatchObject({
      verdict: 'descriptive',
      reasons: ['their scenarios differ in connection.driver wire / pg'],
    });
  });

  it('are results of different servers, but for labs', () => {
    const at = (host: string): Side => {
      const target = { ...SLOW.record.target, lab: false, host };
      return { ...SLOW, record: { ...SLOW.record, target } };
    };
    const judged = judge([at('one'), at('two')], {}, { objectTo: objectToResults });
    expect(judged?.reasons).toEqual([
      'their servers differ: PostgreSQL 18.4 at one:5432/postgres / PostgreSQL 18.4 at two:5432/postgres',
    ]);
    const labs = [found(SLOW, { instance: 'a' }), found(SLOW, { instance: 'b' })];
    expect(judge(labs, {}, { objectTo: objectToResults })?.verdict).toBe('equivalent');
  });
});
