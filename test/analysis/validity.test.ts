import { describe, expect, it } from 'vitest';
import { summariseMetric } from '../../src/analysis/quantiles.ts';
import { judgeFigures, judgeRun, toValidity } from '../../src/analysis/validity.ts';
import { Histogram } from '../../src/metrics/histogram.ts';
import { zeroCounts } from '../../src/result/accounting.ts';
import type { MetricSummary } from '../../src/result/summary-records.ts';

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

function makeScram(over: { derivations: number; meanUs: number }) {
  return { salts: 1, cache: false, shortestUs: 3 * MS, ...over };
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
        "connstorm came to answers late: p50 of its event loops' delay 3.0 ms against 20.0 ms of service time; " +
          'use fewer clients, use more workers, or give connstorm a machine of its own',
      );
    });
  });

  it('says what was late and what to change', () => {
    const [reason] = judgeFigures(makeFigures({ lateness: makeMetric(3 * MS, 3 * MS) }));
    expect(reason?.message).toBe(
      'connstorm started attempts late: p50 of lateness 3.0 ms against 20.0 ms of latency; ' +
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
      why: 'logins that queued for our own PBKDF2',
      run: { scram: makeScram({ derivations: 100, meanUs: 300 * MS }) },
      codes: ['SCRAM_CPU'],
    },
    {
      why: 'PBKDF2 without a queue',
      run: { scram: makeScram({ derivations: 100, meanUs: 4 * MS }) },
      codes: [],
    },
    {
      why: 'a queue that only the first logins met',
      run: { scram: makeScram({ derivations: 5, meanUs: 300 * MS }) },
      codes: [],
    },
    { why: 'lost connections', run: { lostConnections: 1 }, codes: ['WORKER_LOST'] },
    {
      why: 'lost attempts, though a step is valid',
      run: { accounting: { ...zeroCounts(), inFlight: 0, lost: 3 }, steps: [valid, late] },
      codes: ['WORKER_LOST'],
    },
  ])('judges $why: $codes', ({ run, codes }) => {
    const judged = judgeRun({
      accounting: { ...zeroCounts(), inFlight: 0 },
      lostConnections: 0,
      violations: [],
      figures: makeFigures(),
      scram: undefined,
      steps: [valid],
      ...run,
    });
    expect(judged.reasons.map(({ code }) => code)).toEqual(codes);
    expect(judged.valid).toBe(codes.length === 0);
  });
});
