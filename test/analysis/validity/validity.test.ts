import { describe, expect, it } from 'vitest';
import { summariseMetric } from '../../../src/analysis/figures/quantiles.ts';
import type { KeySource } from '../../../src/analysis/validity/scram.ts';
import {
  describeScramCure,
  warnOfSlowKeys,
} from '../../../src/analysis/validity/scram-validity.ts';
import { judgeFigures, judgeRun, toValidity } from '../../../src/analysis/validity/validity.ts';
import { zeroCounts } from '../../../src/model/accounting.ts';
import { Histogram } from '../../../src/model/histogram.ts';
import type { MetricSummary } from '../../../src/result/records/summary-figures.ts';

const MS = 1000;

/** `count` values: all `p50Us` but the last 2 %. */
function makeMetric(p50Us: number, p99Us: number, count = 1000): MetricSummary {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(i < count * 0.98 ? p50Us : p99Us);
  return summariseMetric(histogram);
}

const TIMES = { p50Us: 20 * MS, p90Us: 50 * MS, p99Us: 100 * MS };
const NO_TIMES = { p50Us: null, p90Us: null, p99Us: null };

function makeFigures(overrides: Partial<Parameters<typeof judgeFigures>[0]> = {}) {
  return {
    ok: 100,
    okLatency: TIMES,
    lateness: makeMetric(100, 500),
    localFailures: {},
    ...overrides,
  };
}

function makeClosed({ loopDelay }: { loopDelay: MetricSummary }) {
  return { okServiceTime: TIMES, loopDelay };
}

function makeScram(over: {
  derivations: number;
  meanUs: number;
  waits?: MetricSummary;
  alone?: MetricSummary;
  abandoned?: number;
}) {
  return { salts: 1, cache: false, shortestUs: 3 * MS, ...over };
}

/** Waits of `count` logins: a share of them of `us`, the others of `elseUs`. Derivations take 3 ms when they are alone. */
function makeWaits(share: number, us: number, elseUs = 3 * MS, count = 1000) {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(i < count * share ? us : elseUs);
  const meanUs = Math.round(histogram.sumUs / count);
  const waits = summariseMetric(histogram);
  return makeScram({ derivations: count, meanUs, waits, alone: makeMetric(3 * MS, 3 * MS, 10) });
}

describe('judgeFigures', () => {
  it.each([
    { why: 'little lateness', lateness: [100, 1 * MS], codes: [] },
    { why: 'p50 of 2 ms, which timers may take', lateness: [2 * MS, 2 * MS], codes: [] },
    { why: 'p50 above 2 ms and a tenth', lateness: [3 * MS, 3 * MS], codes: ['LATE_GENERATOR'] },
    { why: 'p99 below a tenth of p99', lateness: [100, 9 * MS], codes: [] },
    { why: 'p99 above a tenth of p99', lateness: [100, 11 * MS], codes: ['LATE_GENERATOR'] },
  ])('judges $why: $codes', ({ lateness: [p50 = 0, p99 = 0], codes }) => {
    const reasons = judgeFigures(makeFigures({ lateness: makeMetric(p50, p99) }));
    expect(reasons.map(({ code }) => code)).toEqual(codes);
  });

  it('judges no p99 with fewer than ten values above it: that is one hiccup', () => {
    const lateness = makeMetric(100, 90 * MS, 500);
    expect(judgeFigures(makeFigures({ lateness }))).toEqual([]);
  });

  it.each([
    [{ EMFILE: 1 }, ['OUT_OF_DESCRIPTORS']],
    [{ ENFILE: 2, EADDRNOTAVAIL: 1 }, ['OUT_OF_DESCRIPTORS', 'OUT_OF_PORTS']],
    [{ EADDRINUSE: 3 }, ['OUT_OF_PORTS']],
    [{ ENOBUFS: 3 }, ['LOCAL_LIMIT']],
    [{ SCRAM_CPU: 3 }, ['SCRAM_CPU']],
  ])('judges failures of this machine %j as %j', (localFailures, codes) => {
    const reasons = judgeFigures(makeFigures({ localFailures }));
    expect(reasons.map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    [1, 0, []],
    [1, 20, []],
    [2, 20, ['SCRAM_CPU']],
    [10, 990, []],
    [11, 989, ['SCRAM_CPU']],
  ])(
    'judges %i attempts that waited for SCRAM keys until their timeout, beside %i ok ones',
    (count, ok, codes) => {
      const figures = makeFigures({ ok, localFailures: { SCRAM_CPU: count } });
      const own = judgeFigures(figures).filter(({ code }) => code !== 'NO_DATA');
      expect(own.map(({ code }) => code)).toEqual(codes);
    },
  );

  describe('with what connstorm saw of itself', () => {
    const cause = { code: 'GENERATOR_STARVED', message: 'it waited for a CPU' };
    const stop = { code: 'GENERATOR_STOPPED', message: 'it was stopped' };
    const delay = { code: 'WORKER_SATURATED', message: 'its loop was busy' };
    const generator = {
      explainLateness: () => [cause],
      explainDelays: () => [delay],
      judgeStops: () => [stop],
    };

    it('names why it was late', () => {
      const figures = makeFigures({ lateness: makeMetric(3 * MS, 3 * MS), generator });
      const [late, ...causes] = judgeFigures(figures);
      expect(late?.code).toBe('LATE_GENERATOR');
      // What to change is the cause's to say.
      expect(late?.message).not.toContain('lower the rate');
      expect(causes).toEqual([cause]);
    });

    it('names why the event loops of a closed loop were late', () => {
      const closed = makeClosed({ loopDelay: makeMetric(3 * MS, 3 * MS) });
      const [late, ...causes] = judgeFigures(makeFigures({ closed, generator }));
      expect(late?.code).toBe('LATE_GENERATOR');
      expect(causes).toEqual([delay]);
    });

    it('judges no cause without lateness, but a stop', () => {
      expect(judgeFigures(makeFigures({ generator }))).toEqual([stop]);
    });
  });

  describe('in a closed loop, which has no lateness', () => {
    const none = { lateness: summariseMetric(new Histogram()), okLatency: NO_TIMES };

    it.each([
      { why: 'little delay', delay: [100, 1 * MS], ok: 1000, codes: [] },
      { why: 'p50 of 2 ms, which timers may take', delay: [2 * MS, 2 * MS], ok: 1, codes: [] },
      { why: 'p50 above it', delay: [3 * MS, 3 * MS], ok: 1, codes: ['LATE_GENERATOR'] },
      { why: 'p99 below a tenth of p99', delay: [100, 9 * MS], ok: 1000, codes: [] },
      { why: 'p99 above it', delay: [100, 11 * MS], ok: 1000, codes: ['LATE_GENERATOR'] },
      { why: 'a p99 that few attempts stand behind', delay: [100, 11 * MS], ok: 999, codes: [] },
    ])('judges $why: $codes', ({ delay: [p50 = 0, p99 = 0], ok, codes }) => {
      const closed = makeClosed({ loopDelay: makeMetric(p50, p99) });
      const reasons = judgeFigures(makeFigures({ ...none, ok, closed }));
      expect(reasons.map(({ code }) => code)).toEqual(codes);
    });

    it('says what was late and what to change', () => {
      const closed = makeClosed({ loopDelay: makeMetric(3 * MS, 3 * MS) });
      const [reason] = judgeFigures(makeFigures({ ...none, closed }));
      expect(reason?.message).toBe(
        "connstorm processed answers late: p50 of its event loops' delay was 3.00 ms, of service time 20.0 ms; " +
          'use fewer clients, use more workers, or give connstorm a machine of its own',
      );
    });
  });

  it('says what was late and what to change', () => {
    const [reason] = judgeFigures(makeFigures({ lateness: makeMetric(3 * MS, 3 * MS) }));
    expect(reason?.message).toBe(
      'connstorm started attempts late: p50 of lateness was 3.00 ms, and p50 of latency was 20.0 ms; ' +
        'lower the rate, use more workers, or give connstorm a machine of its own',
    );
  });

  it('has no figure to trust without an ok attempt', () => {
    const reasons = judgeFigures(makeFigures({ ok: 0, okLatency: NO_TIMES }));
    expect(reasons.map(({ code }) => code)).toEqual(['NO_DATA']);
  });
});

describe('judgeRun', () => {
  const valid = toValidity([]);
  const late = toValidity([{ code: 'LATE_GENERATOR', message: 'late' }]);
  const VALID_RUN = {
    accounting: { ...zeroCounts(), inFlight: 0 },
    lostConnections: 0,
    violations: [],
    figures: makeFigures({ ok: 1000 }),
    okServiceTime: TIMES,
    scram: undefined,
    steps: [valid],
  };
  const lateFigures = makeFigures({ lateness: makeMetric(3 * MS, 3 * MS) });

  it.each([
    { why: 'one step that is fine', run: {}, codes: [] },
    {
      why: 'one late step',
      run: { figures: lateFigures, steps: [late] },
      codes: ['LATE_GENERATOR'],
    },
    {
      why: 'a step beyond saturation',
      run: { figures: lateFigures, steps: [valid, late] },
      codes: [],
    },
    { why: 'no valid step', run: { steps: [late, late] }, codes: ['LATE_GENERATOR'] },
    {
      why: 'steps without one ok attempt',
      run: { figures: makeFigures({ ok: 0 }), steps: [late, late] },
      codes: ['NO_DATA'],
    },
    {
      why: 'a broken law, though a step is valid',
      run: { violations: ['due 1 is not begun 2'], steps: [valid, valid] },
      codes: ['ACCOUNTING'],
    },
    {
      why: 'keys that come late in the median, by 2 ms and a tenth',
      run: { scram: makeWaits(0.6, 5.1 * MS) },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'keys that come late by less than a tenth of what a login takes',
      run: {
        scram: makeWaits(0.6, 5.1 * MS),
        okServiceTime: { p50Us: 22 * MS, p90Us: 50 * MS, p99Us: 100 * MS },
      },
      codes: [],
    },
    {
      why: 'a p99 of keys that come late by more than a tenth of p99',
      run: { scram: makeWaits(0.02, 14 * MS) },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'a tail that derivations have alone, too',
      run: { scram: { ...makeWaits(0.02, 14 * MS), alone: makeMetric(3 * MS, 13 * MS) } },
      codes: [],
    },
    {
      why: 'a median that derivations have alone, too',
      run: { scram: { ...makeWaits(0.6, 30 * MS), alone: makeMetric(29 * MS, 29 * MS) } },
      codes: [],
    },
    {
      why: 'a late tail where no derivation was alone',
      run: { scram: { ...makeWaits(0.02, 14 * MS), alone: summariseMetric(new Histogram()) } },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'a few keys that come very late, though their mean is late too',
      run: { scram: makeWaits(0.009, 1000 * MS) },
      codes: [],
    },
    {
      why: 'late keys of too few logins for a p99',
      run: { scram: makeWaits(0.05, 300 * MS, 3 * MS, 999) },
      codes: [],
    },
    {
      why: 'late keys that too few connects stand behind for a p99',
      run: { scram: makeWaits(0.05, 300 * MS), figures: makeFigures({ ok: 999 }) },
      codes: [],
    },
    {
      why: 'a slow tail of derivations alone that too few make, as one hiccup',
      run: { scram: { ...makeWaits(0.02, 14 * MS), alone: makeMetric(3 * MS, 300 * MS, 999) } },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'a median of derivations alone that too few make',
      run: { scram: { ...makeWaits(0.6, 30 * MS), alone: makeMetric(29 * MS, 29 * MS, 9) } },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'one in ten of the abandoned that were so while we derived',
      run: {
        scram: { ...makeWaits(0, 0), abandoned: 10 },
        accounting: { ...zeroCounts(), inFlight: 0, abandoned: 100 },
      },
      codes: [],
    },
    {
      why: 'more than that',
      run: {
        scram: { ...makeWaits(0, 0), abandoned: 11 },
        accounting: { ...zeroCounts(), inFlight: 0, abandoned: 100 },
      },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'derivations that most logins did not wait for',
      run: { scram: makeWaits(0.005, 300 * MS, 0) },
      codes: [],
    },
    {
      why: 'late keys without a connect to hold them against',
      run: {
        scram: makeWaits(0.6, 5.1 * MS),
        figures: makeFigures({ ok: 0, okLatency: NO_TIMES }),
        okServiceTime: NO_TIMES,
      },
      codes: ['SCRAM_CPU', 'NO_DATA'],
    },
    {
      why: 'logins that queued for our own PBKDF2, of which only the mean is known',
      run: { scram: makeScram({ derivations: 100, meanUs: 300 * MS }) },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'PBKDF2 without a queue, by the mean',
      run: { scram: makeScram({ derivations: 100, meanUs: 4 * MS }) },
      codes: [],
    },
    {
      why: 'a queue that only the first logins met, by the mean',
      run: { scram: makeScram({ derivations: 50, meanUs: 300 * MS }) },
      codes: [],
    },
    { why: 'lost connections', run: { lostConnections: 1 }, codes: ['WORKER_LOST'] },
    {
      why: 'lost attempts, though a step is valid',
      run: { accounting: { ...zeroCounts(), inFlight: 0, lost: 3 }, steps: [valid, late] },
      codes: ['WORKER_LOST'],
    },
  ])('judges $why: $codes', ({ run, codes }) => {
    const judged = judgeRun({ ...VALID_RUN, ...run });
    expect(judged.reasons.map(({ code }) => code)).toEqual(codes);
    expect(judged.valid).toBe(codes.length === 0);
  });

  it.each<[KeySource, string, string]>([
    [
      'pg',
      "the pg library's SCRAM computation (with its waits for the thread pool and the event loop)",
      'lower the rate, or use the wire driver',
    ],
    [
      'kept',
      "connstorm's own SCRAM computation",
      'lower the rate, or give connstorm a machine of its own',
    ],
    [
      'derived',
      "connstorm's own SCRAM computation",
      'lower the rate, or leave connection.scramCache on',
    ],
  ])('says of keys from %s who was late and what to change', (keys, who, cure) => {
    const scram = makeWaits(0.6, 6 * MS);
    const figures = makeFigures({ ok: 1000, keys, localFailures: { SCRAM_CPU: 30 } });
    const { reasons } = judgeRun({ ...VALID_RUN, figures, scram });
    expect(reasons.map(({ message }) => message)).toEqual([
      `logins waited for ${who}: p50 was 3.00 ms longer than one computation takes alone (service time 20.0 ms); ${cure}`,
      `30 attempts failed because connstorm's machine had too little CPU for SCRAM: ${cure}`,
    ]);
  });
});

describe('warnOfSlowKeys', () => {
  const okServiceTime = TIMES;

  it('says that half of the logins came before the keys that are kept', () => {
    const scram = { ...makeWaits(0.6, 3 * MS, 0), derivations: 1, cache: true };
    const found = warnOfSlowKeys({ scram, okServiceTime, keys: 'kept' });
    expect(found.map(({ message }) => message)).toEqual([
      'half of the logins waited 3.00 ms or more for a SCRAM key that was still being derived. This wait is in auth. In a longer run fewer logins wait',
    ]);
    expect(warnOfSlowKeys({ scram, okServiceTime, keys: 'derived' })).toEqual([]);
    const few = { ...makeWaits(0.4, 3 * MS, 0), derivations: 1, cache: true };
    expect(warnOfSlowKeys({ scram: few, okServiceTime, keys: 'kept' })).toEqual([]);
  });

  it('says where the salts come from instead if each login had a new one: a longer run has as many', () => {
    const scram = { ...makeWaits(0.6, 3 * MS, 0, 540), salts: 540, cache: true };
    const found = warnOfSlowKeys({ scram, okServiceTime, keys: 'kept' });
    expect(found.map(({ message }) => message)).toEqual([
      `half of the logins waited 3.00 ms or more for a SCRAM key that was still being derived. This wait is in auth, and ${describeScramCure('kept', scram)}`,
    ]);
    expect(found[0]?.message).toContain('each login had a new salt, so no key could be reused');
  });

  it('says that keys are slow here, with or without a queue', () => {
    const [warning, ...others] = warnOfSlowKeys({
      scram: makeWaits(0.6, 6 * MS),
      okServiceTime,
      keys: 'derived',
    });
    expect(others).toEqual([]);
    expect(warning).toEqual({
      code: 'SLOW_KEYS',
      message:
        "connstorm's own SCRAM computation took 6.00 ms in the median, and 3.00 ms at best; " +
        'the difference is in auth; give connstorm a machine of its own',
    });
  });

  it.each([
    ['a difference that timers have', makeWaits(0.6, 5 * MS)],
    ['a few slow ones', makeWaits(0.1, 500 * MS)],
    ['a mean alone', makeScram({ derivations: 100, meanUs: 300 * MS })],
    ['no SCRAM', undefined],
  ])('says nothing of %s', (_, scram) => {
    expect(warnOfSlowKeys({ scram, okServiceTime, keys: 'pg' })).toEqual([]);
  });
});
