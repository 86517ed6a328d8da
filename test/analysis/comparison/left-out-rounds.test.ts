import { describe, expect, it } from 'vitest';
import {
  compareSides,
  DEFAULT_COMPARE,
  objectToVariants,
} from '../../../src/analysis/comparison/compare-sides.ts';
import { sortRounds } from '../../../src/analysis/comparison/counted-rounds.ts';
import type { Side } from '../../../src/analysis/comparison/obstacles.ts';
import type { RoundSummary } from '../../../src/result/records/summary-records.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { countCases } from '../../support/all-cases.ts';
import { makeMetric, makeRound, sideOf } from '../../support/synthetic/synthetic-side.ts';
import { createNormal } from '../../support/virtual/normal.ts';

const invalid = (...codes: string[]): Pick<RoundSummary, 'validity'> => ({
  validity: { valid: false, reasons: codes.map((code) => ({ code, message: 'a reason' })) },
});
const LATENESS = {
  lateness: makeMetric(5000),
  latency: makeMetric(9000),
  serviceTime: makeMetric(9000),
};
const STOPPED = { ...invalid('GENERATOR_STOPPED'), stopped: true } as const;

describe('a round', () => {
  it.each<[string, keyof ReturnType<typeof sortRounds>, RoundSummary]>([
    ['that is valid', 'counted', makeRound({})],
    ['that was late', 'counted', makeRound(LATENESS, invalid('LATE_GENERATOR'))],
    [
      'that waited for a CPU',
      'counted',
      makeRound(LATENESS, invalid('LATE_GENERATOR', 'GENERATOR_STARVED')),
    ],
    ['in which connstorm was stopped', 'dropped', makeRound({}, STOPPED)],
    [
      'in which it was stopped, whatever else was wrong',
      'dropped',
      makeRound(LATENESS, { ...invalid('LATE_GENERATOR', 'SCRAM_CPU'), stopped: true }),
    ],
    ['that somebody interrupted', 'dropped', makeRound({}, { stoppedBy: 'signal' })],
    ['that the file was cut off in', 'dropped', makeRound({}, { stoppedBy: 'interrupted' })],
    ['that a stop condition ended', 'unknown', makeRound({}, { stoppedBy: 'condition' })],
    ['whose logins waited for keys', 'unknown', makeRound({}, invalid('SCRAM_CPU'))],
    [
      'that was late, with a stop too short to spoil it',
      'unknown',
      makeRound(LATENESS, invalid('LATE_GENERATOR', 'GENERATOR_STOPPED')),
    ],
    ['in which no connect succeeded', 'unknown', makeRound({}, invalid('NO_DATA'))],
    ['that wanted ports', 'unknown', makeRound({}, invalid('OUT_OF_PORTS'))],
    [
      'of a closed loop that processed answers late',
      'unknown',
      makeRound({ serviceTime: makeMetric(9000) }, invalid('LATE_GENERATOR')),
    ],
  ])('%s is %s', (_, kind, round) => {
    const sorted = sortRounds([round]);
    expect(sorted).toEqual({ counted: [], dropped: [], unknown: [], [kind]: [round] });
  });
});

const PRIMARY = { metric: 'serviceTime', aggregation: 'p(90)' } as const;
const SETTINGS = { ...DEFAULT_COMPARE, primary: PRIMARY, relative: 0, absoluteUs: 0 };

function judge(a: Side, b: Side, settings = SETTINGS, isForced = false) {
  return compareSides(
    [
      { ...b, name: 'b' },
      { ...a, name: 'a' },
    ],
    settings,
    {
      findObjections: objectToVariants(settings),
      isForced,
    },
  )[0];
}

/** Rounds of about `medianUs`, of which those that `spoil` names something for have it. */
function play(
  random: () => number,
  rounds: number,
  medianUs: number,
  spoil: (us: number, random: () => number) => Partial<RoundSummary> = () => ({}),
): Side {
  const normal = createNormal(random);
  return sideOf(
    'side',
    Array.from({ length: rounds }, (_, at) => {
      const us = medianUs * Math.exp(0.06 * normal());
      const round = makeRound({ serviceTime: makeMetric(us), latency: makeMetric(us) });
      return { ...round, round: at + 1, ...spoil(us, random) };
    }),
  );
}

describe('identical sides, of which one lost rounds', () => {
  const PAIRS = countCases({ some: 400, all: 1000 });
  const countDifferent = (spoil: Parameters<typeof play>[3]): number => {
    const random = createRandom(21);
    const verdicts = Array.from(
      { length: PAIRS },
      () => judge(play(random, 11, 8000, spoil), play(random, 11, 8000))?.verdict,
    );
    return verdicts.filter((verdict) => verdict === 'faster' || verdict === 'slower').length;
  };

  it('are called different at most once in twenty, where its fast rounds are left out', () => {
    // About four rounds in ten.
    const spoil = (us: number) => (us < 7900 ? invalid('SCRAM_CPU') : {});
    expect(countDifferent(spoil)).toBeLessThanOrEqual(PAIRS / 20);
    const asIfStopped = (us: number) => (us < 7900 ? STOPPED : {});
    expect(countDifferent(asIfStopped)).toBeGreaterThan(PAIRS / 20);
  });

  it('are called different at most once in twenty, where its slow rounds were ended by a condition', () => {
    const spoil = (us: number) => (us > 8200 ? { stoppedBy: 'condition' as const } : {});
    expect(countDifferent(spoil)).toBeLessThanOrEqual(PAIRS / 20);
  });

  it('are called different at most once in twenty, where connstorm was stopped in any of them', () => {
    const spoil = (_: number, random: () => number) => (random() < 0.2 ? STOPPED : {});
    expect(countDifferent(spoil)).toBeLessThanOrEqual(PAIRS / 20);
  });
});

describe('a side that is five times as fast', () => {
  const spoilTwo = (of: Partial<RoundSummary>) => {
    let played = 0;
    return () => (played++ % 5 === 1 && played < 11 ? of : {});
  };

  it.each([
    ['were left out for want of CPU', invalid('SCRAM_CPU')],
    ['were left out for a stop', STOPPED],
  ])('is faster, though two of its eleven rounds %s', (_, flaw) => {
    const random = createRandom(22);
    const verdicts = Array.from(
      { length: 100 },
      () =>
        judge(play(random, 11, 2000, spoilTwo(flaw)), play(random, 11, 10_000), {
          ...DEFAULT_COMPARE,
          primary: PRIMARY,
        })?.verdict,
    );
    expect(verdicts.filter((verdict) => verdict === 'faster').length).toBeGreaterThanOrEqual(95);
  });

  it('counts its spoilt rounds by force', () => {
    const random = createRandom(23);
    const side = play(random, 11, 2000, spoilTwo(invalid('SCRAM_CPU')));
    const judged = judge(side, play(random, 11, 10_000), SETTINGS, true);
    expect(judged).toMatchObject({ verdict: 'faster', n: 11, forced: true });
    expect(judged?.aRounds).toEqual({ counted: 11, planned: 11 });
  });
});
