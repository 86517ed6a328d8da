import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../../src/analysis/bottleneck/evidence.ts';
import { ProbeLog } from '../../src/analysis/bottleneck/probe-log.ts';
import { foldStep } from '../../src/analysis/folded-step.ts';
import { createSummary } from '../../src/analysis/summary.ts';
import type { VariantsHeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { VariantsSummaryRecord } from '../../src/result/records/summary-records.ts';
import {
  makeAttempt,
  makeOk,
  REFUSED,
  type SyntheticRun,
} from '../support/synthetic/synthetic-run.ts';
import {
  makeVariantsHeader,
  type PlayedLeg,
  playVariants,
} from '../support/synthetic/synthetic-variants.ts';

function summarise(records: readonly ResultRecord[]): VariantsSummaryRecord {
  const fold = createSummary(records[0] as VariantsHeaderRecord);
  for (const record of records) fold.add(record);
  const summary = fold.finish();
  if (summary.metrics !== null) throw new Error('not a summary of variants');
  return summary;
}

const range = (fromUs: number) => Array.from({ length: 10 }, (_, index) => fromUs + index * 1000);

/** Two rounds of two variants: `a` 10-19 ms and then 30-39 ms, `b` 50-59 ms twice. */
const LEGS: PlayedLeg[] = [
  { variant: 'a', round: 1, latenciesUs: range(10_000), firstQuery: true },
  { variant: 'b', round: 1, latenciesUs: range(50_000) },
  { variant: 'b', round: 2, latenciesUs: range(50_000) },
  { variant: 'a', round: 2, latenciesUs: range(30_000), firstQuery: true },
];
const HEADER = makeVariantsHeader(['a', 'b'], { rounds: 2 });
const WHOLE = playVariants(HEADER, LEGS);

describe('the summary of variants', () => {
  it('merges the rounds of each, and keeps each round beside', () => {
    const { variants } = summarise(WHOLE);
    expect(Object.keys(variants)).toEqual(['a', 'b']);
    expect(variants.a).toMatchObject({
      stoppedBy: 'end',
      roundsPlanned: 2,
      accounting: { due: 20, ok: 20 },
      metrics: { latency: { count: 20, minUs: 10_000, maxUs: 39_000 }, firstQuery: { count: 20 } },
      rates: { windowUs: 2_000_000, offeredPerSecond: 10 },
      steps: [{ offeredPerSecond: 10, accounting: { due: 20 } }],
    });
    expect(variants.a?.rounds).toMatchObject([
      {
        round: 1,
        seed: 7,
        stoppedBy: 'end',
        accounting: { ok: 10 },
        metrics: { latency: { count: 10, censored: 0, p99Us: 19_000 } },
      },
      {
        round: 2,
        seed: 8,
        metrics: { latency: { count: 10 }, firstQuery: { count: 10, p99Us: 40_000 } },
      },
    ]);
    expect(variants.a?.rounds[1]?.metrics.latency?.p50Us).toBeGreaterThanOrEqual(33_900);
    expect(variants.b?.metrics.latency?.minUs).toBe(50_000);
    expect(variants.b?.metrics.firstQuery).toBeUndefined();
    expect(variants.b?.rounds[0]?.metrics).not.toHaveProperty('firstQuery');
  });

  it('sums up what can be summed up, and leaves null what cannot', () => {
    const summary = summarise(WHOLE);
    expect(summary).toMatchObject({
      type: 'summary',
      exitCode: 0,
      stoppedBy: 'end',
      validity: { valid: true, reasons: [] },
      accounting: { due: 40, ok: 40, inFlight: 0 },
      connections: { opened: 40, closed: 40, open: 0 },
      metrics: null,
      capacity: null,
      bottleneck: null,
      budgets: [],
    });
  });

  it('judges each by the values of all its rounds', () => {
    const header = { ...HEADER, budgets: ['latency p(90) < 40ms'] };
    // The 18th of 20 of each.
    expect(summarise(playVariants(header, LEGS)).budgets).toMatchObject([
      { verdict: 'pass', low: expect.closeTo(37_000, -3), of: 20 },
      { verdict: 'fail', low: expect.closeTo(58_000, -3), of: 20 },
    ]);
  });

  it('divides the CPU time of its legs by their attempts', () => {
    // Two legs of 5 ms, twenty attempts.
    expect(summarise(WHOLE).variants.a?.cpuPerConnectUs).toBe(500);
  });

  it('is the same while it runs and from the file', () => {
    const text = WHOLE.map((record) => JSON.stringify(record));
    expect(summarise(text.map((line) => JSON.parse(line)))).toEqual(summarise(WHOLE));
  });

  it('names the variant of every reason, and is invalid where one is', () => {
    const refuseTen = (run: SyntheticRun): void => {
      for (let i = 0; i < 10; i++) run.ended(makeAttempt({ atUs: 5000 }), 'failed', REFUSED);
    };
    const legs = LEGS.map((leg) =>
      leg.variant === 'b' ? { ...leg, latenciesUs: [], also: refuseTen } : leg,
    );
    const summary = summarise(playVariants(HEADER, legs));
    expect(summary.validity.reasons).toMatchObject([{ code: 'NO_DATA', variant: 'b' }]);
    expect(summary.exitCode).toBe(111);
    expect(summary.variants.a?.validity.valid).toBe(true);
    expect(summary.errors).toMatchObject([{ code: '53300', count: 20 }]);
    expect(summary.accounting).toMatchObject({ due: 40, ok: 20, failed: 20 });
  });
});

describe('the laws', () => {
  it('hold for each leg: errors of two legs do not make up for each other', () => {
    const legs = LEGS.map((leg) => {
      if (leg.variant !== 'a') return leg;
      return { ...leg, latenciesUs: leg.latenciesUs.slice(0, leg.round === 1 ? 9 : 10) };
    });
    // One arrival too few in the first round, one too many in the second.
    const second = legs[3];
    if (second !== undefined) second.latenciesUs = [...second.latenciesUs, 40_000];
    const { validity, variants } = summarise(playVariants(HEADER, legs));
    expect(variants.a?.rounds.map((round) => round.validity.valid)).toEqual([false, false]);
    expect(validity.reasons).toMatchObject([
      { code: 'ACCOUNTING', variant: 'a', message: expect.stringContaining('round 1: ') },
      { code: 'ACCOUNTING', variant: 'a', message: expect.stringContaining('round 2: ') },
    ]);
    expect(variants.b?.validity.valid).toBe(true);
  });

  it('miss legs of a run that is said to have come to its end', () => {
    const { validity, exitCode } = summarise(playVariants(HEADER, LEGS.slice(0, 3)));
    expect(validity.reasons).toMatchObject([
      { code: 'ACCOUNTING', message: expect.stringContaining("3 legs are not the plan's 4") },
    ]);
    expect(exitCode).toBe(111);
  });
});

describe('a run that was stopped', () => {
  const stop = { stoppedBy: 'signal', reason: 'interrupted' } as const;

  it('keeps what was measured, and says of each variant how far it came', () => {
    const cut = {
      ...LEGS[1],
      latenciesUs: range(50_000).slice(0, 4),
      end: { ...stop, stopAtUs: 400_000 },
    };
    const legs = [LEGS[0], cut] as PlayedLeg[];
    const summary = summarise(playVariants(HEADER, legs, stop));
    expect(summary).toMatchObject({ stoppedBy: 'signal', exitCode: 105, accounting: { due: 14 } });
    expect(summary.variants.a).toMatchObject({
      stoppedBy: 'signal',
      rounds: [{ stoppedBy: 'end' }],
    });
    expect(summary.variants.b).toMatchObject({
      stoppedBy: 'signal',
      rounds: [{ stoppedBy: 'signal', metrics: { latency: { count: 4 } } }],
      rates: { windowUs: 400_000, offeredPerSecond: 10 },
    });
  });

  it('by conditions of one variant is whole in the others, and says of each what stopped it', () => {
    const end = { stoppedBy: 'condition', reason: 'too many failed', stopAtUs: 400_000 } as const;
    const legs = LEGS.map((leg) =>
      leg.variant === 'a' ? { ...leg, latenciesUs: range(50_000).slice(0, 4), end } : leg,
    );
    const ofRun = { stoppedBy: 'condition', reason: 'a, round 1: too many failed' } as const;
    const { variants, ...summary } = summarise(playVariants(HEADER, legs, ofRun));
    expect(summary).toMatchObject({ ...ofRun, exitCode: 108, validity: { valid: true } });
    expect(variants.a).toMatchObject({
      stoppedBy: 'condition',
      reason: 'too many failed',
      rounds: [{ stoppedBy: 'condition' }, { stoppedBy: 'condition' }],
      rates: { windowUs: 800_000, offeredPerSecond: 10 },
    });
    expect(variants.b).toMatchObject({ stoppedBy: 'end', accounting: { ok: 20 } });
    expect(variants.b?.reason).toBeUndefined();
  });

  it('says of a variant that never had its turn that it was not run', () => {
    const [first] = LEGS;
    const legs = [{ ...first, end: stop }] as PlayedLeg[];
    const { validity, variants } = summarise(playVariants(HEADER, legs, stop));
    expect(variants.b).toMatchObject({ rounds: [], accounting: { due: 0 }, cpuPerConnectUs: null });
    expect(validity.reasons).toMatchObject([{ code: 'NOT_RUN', variant: 'b' }]);
  });

  it('is interrupted where the file was cut off, in a leg or between two', () => {
    for (const length of [WHOLE.length - 1, WHOLE.length - 2, 4, 5, 6]) {
      const summary = summarise(WHOLE.slice(0, length));
      expect(summary).toMatchObject({ stoppedBy: 'interrupted', exitCode: 105 });
      expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
    }
    // Header, leg, sample, interval: the leg has no end.
    const { variants } = summarise(WHOLE.slice(0, 4));
    expect(variants.a?.rounds).toMatchObject([
      { stoppedBy: 'interrupted', metrics: { latency: { count: 10 } } },
    ]);
  });
});

describe('records that make no sense', () => {
  const [header, ...rest] = WHOLE;
  if (header === undefined) throw new Error('no header');
  const leg = rest[0] as ResultRecord;
  it.each<[string, ResultRecord[], RegExp]>([
    ['an interval of no leg', [header, ...rest.slice(1)], /belongs to no leg/],
    ['a leg in a leg', [header, leg, leg], /before the former has ended/],
    ['an unknown variant', [header, { ...leg, variant: 'c' } as ResultRecord], /no variant c/],
    ['a leg out of turn', [header, ...rest.slice(4, 8)], /leg b 1 is not the next: a 1 is/],
    ['a leg too many', [...WHOLE.slice(0, -1), leg], /leg a 1 is not the next: none is/],
    [
      'an end in a leg',
      [header, leg, { type: 'end', atUs: 1, stoppedBy: 'end' }],
      /midst of a leg/,
    ],
  ])('are refused: %s', (_, records, message) => {
    expect(() => summarise(records)).toThrow(message);
  });
});

describe('a run of variants in which connstorm was late', () => {
  const ROUNDS = [1, 2, 3, 4, 5];
  const header = makeVariantsHeader(['direct', 'pooled'], { rounds: 5 });
  const legs = (over: Partial<PlayedLeg>): PlayedLeg[] =>
    ROUNDS.flatMap((round) =>
      (header.rounds[round - 1]?.order ?? []).map((variant) => ({
        variant,
        round,
        latenciesUs: range(variant === 'direct' ? 60_000 + 10 * round : 20_000 + 10 * round),
        firstQuery: true,
        ...over,
      })),
    );
  /** Ten arrivals 50 ms apart that all begin in the same moment. */
  const bunched = (run: SyntheticRun): void => {
    for (let index = 0; index < 10; index++) {
      const scheduledUs = index * 50_000;
      const latenessUs = 500_000 - scheduledUs;
      run.ok(makeOk(latenessUs + 20_000, { scheduledUs, latenessUs }));
      const since = { scheduledUs: latenessUs + 21_000, startUs: 21_000, readyUs: 1000 };
      run.recorder.recordFirstQuery(0, 521_000, since);
    }
  };

  it('is valid where that has not changed the load, and ends in a verdict; each is invalid by itself', () => {
    const summary = summarise(playVariants(header, legs({ latenessUs: 9000 })));
    expect(summary).toMatchObject({ validity: { valid: true, reasons: [] }, exitCode: 0 });
    for (const variant of ['direct', 'pooled']) {
      const reasons = [{ code: 'LATE_GENERATOR' }];
      expect(summary.variants[variant]?.validity).toMatchObject({ valid: false, reasons });
    }
    const judged = summary.comparison.find(({ primary }) => primary);
    expect(judged).toMatchObject({ metric: 'firstQueryServiceTime', verdict: 'faster', n: 5 });
    expect(judged).not.toHaveProperty('late');
    const scheduled = summary.comparison.find(
      ({ metric, aggregation }) => metric === 'firstQuery' && aggregation === 'p(99)',
    );
    expect(scheduled).toMatchObject({ verdict: 'descriptive', late: ['a', 'b'] });
  });

  it('gives no verdict where starts were bunched, says so, and is invalid', () => {
    const late = legs({ latenciesUs: [], also: bunched });
    const summary = summarise(playVariants(header, late));
    expect(summary.exitCode).toBe(111);
    expect(summary.validity.reasons).toMatchObject([
      { code: 'LATE_GENERATOR', variant: 'direct' },
      { code: 'LATE_GENERATOR', variant: 'pooled' },
    ]);
    const judged = summary.comparison.find(({ primary }) => primary);
    expect(judged?.verdict).toBe('descriptive');
    expect(judged?.reasons).toEqual([
      'direct got a different load than planned: because connstorm was late, 90.0% of the attempts began with others in flight, instead of 0.0%',
      'pooled got a different load than planned: because connstorm was late, 90.0% of the attempts began with others in flight, instead of 0.0%',
    ]);
  });

  it('is judged as ever in an older file, which does not tell how crowded it was', () => {
    const older = playVariants(header, legs({ latenessUs: 9000 })).map((record) => {
      if (record.type !== 'interval') return record;
      const { crowd: _, steps, ...rest } = record;
      const aged = steps.map(({ histograms, ...step }) => {
        const { firstQueryServiceTime: __, ...kept } = histograms;
        return { ...step, histograms: kept };
      });
      return { ...rest, steps: aged };
    });
    const summary = summarise(older);
    expect(summary).toMatchObject({ validity: { valid: false }, exitCode: 111 });
    expect(summary.variants.direct?.metrics.firstQueryServiceTime).toBeUndefined();
    const judged = summary.comparison.find(({ primary }) => primary);
    expect(judged).toMatchObject({ metric: 'firstQuery', late: ['a', 'b'], verdict: 'faster' });
  });

  it('is invalid where there is one variant alone, and nothing that is compared', () => {
    const one = makeVariantsHeader(['direct'], { rounds: 5 });
    const own = legs({ latenessUs: 9000 }).filter(({ variant }) => variant === 'direct');
    expect(summarise(playVariants(one, own))).toMatchObject({ exitCode: 111, comparison: [] });
  });
});

describe('a leg that was cut short', () => {
  const times = (count: number) => Array.from({ length: count }, () => 3000);
  /** Of a leg of a second: 0.4 s of it ran. */
  const CUT = { stoppedBy: 'signal', atUs: 450_000, stopAtUs: 400_000 } as const;

  /** What the verdict on the bottleneck is shown of such a step, of 50 arrivals a second. */
  const gather = (ranUntilUs: number[]) => {
    const { target, plan } = makeVariantsHeader(['base']).variants[0] ?? {};
    const [record] = plan?.steps ?? [];
    if (target === undefined || record === undefined) throw new Error('it has one');
    const step = foldStep(record, 'kept');
    const ran = ranUntilUs.reduce((sum, us) => sum + us, 0) / 1_000_000;
    Object.assign(step.tally.counts, { due: 50 * ran, begun: 50 * ran, started: 50 * ran });
    step.tally.completed = 50 * ran;
    const probes = new ProbeLog();
    const none = { errors: [], reasons: [], search: undefined };
    const evidence = gatherEvidence({ steps: [step], ranUntilUs, probes, target, ...none });
    if (evidence === undefined) throw new Error('a step is over');
    return evidence;
  };

  it.each<[string, Omit<PlayedLeg, 'variant' | 'round'>[], number]>([
    ['alone', [{ latenciesUs: times(20), end: CUT }], 50],
    ['after a whole one', [{ latenciesUs: times(50) }, { latenciesUs: times(20), end: CUT }], 50],
  ])('has one rate, wherever it is told: %s', (_, told, expected) => {
    const legs = told.map((leg, index) => ({ variant: 'base', round: index + 1, ...leg }));
    const header = makeVariantsHeader(['base'], { rounds: 3, arrivalCount: 50 });
    const { variants } = summarise(playVariants(header, legs, { stoppedBy: 'signal' }));
    const { rates, steps } = variants.base ?? {};
    expect(rates?.offeredPerSecond).toBeCloseTo(expected, 6);
    expect(steps?.[0]?.offeredPerSecond).toBeCloseTo(expected, 6);
    const { loaded } = gather(legs.map(({ end }) => end?.stopAtUs ?? 1_000_000));
    expect(loaded.offeredPerSecond).toBeCloseTo(expected, 6);
    expect(loaded.achievedPerSecond).toBeCloseTo(expected, 6);
  });
});
