import { describe, expect, it } from 'vitest';
import {
  compareSides,
  DEFAULT_COMPARE,
  objectToVariants,
} from '../../../src/analysis/comparison/compare-sides.ts';
import { summariseMetric } from '../../../src/analysis/figures/quantiles.ts';
import { Histogram } from '../../../src/model/histogram.ts';
import type { Comparison } from '../../../src/result/records/comparison.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { countCases } from '../../support/all-cases.ts';
import { makeRound, sideOf } from '../../support/synthetic/synthetic-side.ts';
import { latenessAt } from '../../support/virtual/lateness.ts';
import { createNormal } from '../../support/virtual/normal.ts';

/**
 * Results with a known effect: rounds of some hundred first queries, log-normal about a median of 40 ms, of which each round has its own
 * that differs from the next as rounds on a real machine do.
 */
const VALUES = 300;
const SPREAD = 0.4;
/** With what the median of so few values differs by itself (1.25 * 0.4 / sqrt(300) = 2.9 %) it makes 6 % from round to round. */
const NOISE = 0.0525;

const PAIRS = countCases({ some: 200, all: 1000 });

function play(random: () => number, rounds: number, effect: number) {
  const normal = createNormal(random);
  return Array.from({ length: rounds }, () => {
    const medianUs = 40_000 * effect * Math.exp(NOISE * normal());
    const values = new Histogram();
    for (let i = 0; i < VALUES; i++)
      values.record(Math.round(medianUs * Math.exp(SPREAD * normal())));
    const counts = { due: VALUES, begun: VALUES, started: VALUES, ok: VALUES };
    const round = makeRound({ firstQuery: summariseMetric(values) });
    return { ...round, accounting: { ...round.accounting, ...counts } };
  });
}

type Verdicts = Partial<Record<Comparison['verdict'], number>>;

/** How many of the pairs get each verdict, by each of the relative margins. */
function countVerdicts(
  seed: number,
  {
    pairs,
    effect,
    rounds = 5,
    margins = [0.05],
  }: { pairs: number; effect: number; rounds?: number; margins?: number[] },
): Verdicts[] {
  const random = createRandom(seed);
  const primary = { metric: 'firstQuery', aggregation: 'p(50)' } as const;
  const counts: Verdicts[] = margins.map(() => ({}));
  for (let pair = 0; pair < pairs; pair++) {
    const sides = [sideOf('b', play(random, rounds, 1)), sideOf('a', play(random, rounds, effect))];
    for (const [index, relative] of margins.entries()) {
      const settings = { ...DEFAULT_COMPARE, primary, relative, absoluteUs: 0 };
      const [judged] = compareSides(sides, settings, { findObjections: () => [], isForced: false });
      const of = counts[index];
      if (judged !== undefined && of) of[judged.verdict] = (of[judged.verdict] ?? 0) + 1;
    }
  }
  return counts;
}

describe('the verdict on simulated runs', () => {
  it('calls at most one in twenty of many identical pairs different, hardly any with the margin', () => {
    const [bare = {}, usual = {}] = countVerdicts(1, {
      pairs: PAIRS,
      effect: 1,
      margins: [0, 0.05],
    });
    // 3.2 % is what the rank promises.
    expect((bare.faster ?? 0) + (bare.slower ?? 0)).toBeLessThanOrEqual(PAIRS / 20);
    expect(bare.inconclusive).toBeGreaterThanOrEqual(0.95 * PAIRS);
    expect((usual.faster ?? 0) + (usual.slower ?? 0)).toBeLessThanOrEqual(0.015 * PAIRS);
  });

  it('sees a quarter more in at least nine of ten pairs of five rounds', () => {
    const [{ slower = 0, faster = 0 } = {}] = countVerdicts(3, { pairs: 400, effect: 1.25 });
    expect(slower).toBeGreaterThanOrEqual(360);
    expect(faster).toBe(0);
  });

  it('finds identical pairs equivalent where there are rounds enough', () => {
    const [{ equivalent = 0 } = {}] = countVerdicts(4, { pairs: 40, effect: 1, rounds: 60 });
    expect(equivalent).toBeGreaterThanOrEqual(36);
  });
});

const LATE = { valid: false, reasons: [{ code: 'LATE_GENERATOR', message: 'late' }] };
const STARVED = {
  valid: false,
  reasons: [...LATE.reasons, { code: 'GENERATOR_STARVED', message: 'starved' }],
};
const DUE = 240;

/**
 * Rounds of a side as `pooled-vs-direct` had them on a quiet machine: service times of some milliseconds, and starts that were late.
 * `isStarved`: answers were stamped late as well, for want of a CPU.
 */
function playLate(
  random: () => number,
  effect: number,
  isLate: boolean,
  { isOld = false, isStarved = false } = {},
) {
  const normal = createNormal(random);
  const flaw = isStarved ? STARVED : LATE;
  const rounds = Array.from({ length: 5 }, () => {
    const medianUs = 7500 * effect * Math.exp(NOISE * normal());
    const fromStart = new Histogram();
    const fromSchedule = new Histogram();
    const lateness = new Histogram();
    for (let i = 0; i < DUE; i++) {
      const stampedLateUs = isStarved ? latenessAt(random()) : 0;
      const us = Math.round(medianUs * Math.exp(SPREAD * normal())) + stampedLateUs;
      const lateUs = isLate ? latenessAt(random()) : 0;
      fromStart.record(us);
      fromSchedule.record(us + lateUs);
      lateness.record(lateUs);
    }
    const metrics = {
      firstQuery: summariseMetric(fromSchedule),
      latency: summariseMetric(fromSchedule),
      serviceTime: summariseMetric(fromStart),
      lateness: summariseMetric(lateness),
      ...(isOld ? {} : { firstQueryServiceTime: summariseMetric(fromStart) }),
    };
    const counts = { due: DUE, begun: DUE, started: DUE, ok: DUE };
    const round = makeRound(metrics, isLate ? { validity: flaw } : {});
    return { ...round, accounting: { ...round.accounting, ...counts } };
  });
  const side = sideOf('a', rounds);
  const validity = isLate ? flaw : side.summary.validity;
  // All begun alone, as hardly any two of 30/s meet.
  const alone: [number, number][] = [[0, 5 * DUE]];
  const crowd = isOld ? {} : { crowd: { due: alone, begun: alone } };
  return { ...side, summary: { ...side.summary, validity, ...crowd } };
}

describe('the verdict on simulated runs that were begun late', () => {
  const SETTINGS = { ...DEFAULT_COMPARE, relative: 0, absoluteUs: 0 };
  const judge = (
    a: ReturnType<typeof playLate>,
    b: ReturnType<typeof playLate>,
    settings = SETTINGS,
  ) =>
    compareSides([{ ...b, name: 'b' }, a], settings, {
      findObjections: objectToVariants(settings),
      isForced: false,
    })[0];

  it.each([
    ['both sides', true, true],
    ['the baseline alone', false, true],
    ['the other side alone', true, false],
  ])(
    'calls at most one in twenty of many identical pairs different, where late are %s',
    (_, isLateA, isLateB) => {
      const random = createRandom(7);
      let different = 0;
      for (let pair = 0; pair < PAIRS; pair++) {
        const verdict = judge(playLate(random, 1, isLateA), playLate(random, 1, isLateB))?.verdict;
        expect(verdict).not.toBe('descriptive');
        if (verdict !== 'inconclusive') different++;
      }
      expect(different).toBeLessThanOrEqual(PAIRS / 20);
    },
  );

  it('sees a pooler that is twice as fast, with the margins that are usual, though all were late', () => {
    const random = createRandom(8);
    const found = Array.from({ length: 100 }, () =>
      judge(playLate(random, 0.5, true), playLate(random, 1, true), DEFAULT_COMPARE),
    );
    expect(found.every((judged) => judged?.metric === 'firstQueryServiceTime')).toBe(true);
    expect(found.filter((judged) => judged?.verdict === 'faster').length).toBeGreaterThanOrEqual(
      95,
    );
    expect(found.some((judged) => judged?.late !== undefined)).toBe(false);
  });

  it('calls hardly any identical pair different, where answers of one side were stamped late for want of a CPU', () => {
    const random = createRandom(10);
    const starved = () => playLate(random, 1, true, { isStarved: true });
    let different = 0;
    for (let pair = 0; pair < PAIRS; pair++) {
      const verdict = judge(starved(), playLate(random, 1, false))?.verdict;
      expect(verdict).not.toBe('descriptive');
      if (verdict !== 'inconclusive') different++;
    }
    expect(different).toBeLessThanOrEqual(PAIRS / 20);
  });

  it('sees a pooler that is five times as fast, though both waited for a CPU', () => {
    const random = createRandom(11);
    const starved = (effect: number) => playLate(random, effect, true, { isStarved: true });
    const found = Array.from({ length: 100 }, () =>
      judge(starved(0.2), starved(1), DEFAULT_COMPARE),
    );
    expect(found.filter((judged) => judged?.verdict === 'faster').length).toBeGreaterThanOrEqual(
      90,
    );
  });

  it('judges older files, which tell nothing since the start, with the lateness taken off and left in', () => {
    const random = createRandom(9);
    const judged = judge(
      playLate(random, 1, true, { isOld: true }),
      playLate(random, 1, true, { isOld: true }),
    );
    expect(judged).toMatchObject({
      metric: 'firstQuery',
      late: ['a', 'b'],
      verdict: 'inconclusive',
    });
  });
});
