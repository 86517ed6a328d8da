import type { Capacity, CurvePoint } from '../../../src/result/records/capacity.ts';
import type { HeaderRecord, StepRecord } from '../../../src/result/records/header.ts';
import type { StepSummary } from '../../../src/result/records/summary-figures.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { SECOND_US } from './synthetic-run.ts';

/** Searches that never happened. */

const SETTINGS = {
  growth: 1.25,
  stepUs: 4 * SECOND_US,
  tolerance: 0.05,
  trials: 5,
  maxDurationUs: 120 * SECOND_US,
};
export const SEARCH: SearchSettings = SETTINGS;

/** A rate whose every trial was sustained, in 5 and 9 ms; `overrides` say what it was instead. */
export function makePoint(
  offeredPerSecond: number,
  { p99Us = 9000, ...overrides }: Partial<CurvePoint> & { p99Us?: number } = {},
): CurvePoint {
  return {
    offeredPerSecond,
    achievedPerSecond: offeredPerSecond,
    trials: 1,
    bad: 0,
    invalid: 0,
    latency: {
      count: Math.round(offeredPerSecond * 4),
      censored: 0,
      minUs: 3000,
      meanUs: 5100,
      p50Us: 5000,
      p90Us: 7000,
      p95Us: 8000,
      p99Us,
      p999Us: p99Us,
      maxUs: p99Us,
    },
    spawnP50Us: 2000,
    inFlightMean: offeredPerSecond * 0.005,
    inFlightMost: 9,
    ...overrides,
  };
}

/** Of a server that takes some 410 connects a second. */
export const CURVE: CurvePoint[] = [
  makePoint(20.5),
  makePoint(205, { p99Us: 9100 }),
  makePoint(256, { p99Us: 12_000 }),
  makePoint(320, { p99Us: 19_000 }),
  makePoint(362, { p99Us: 31_000 }),
  makePoint(400, { trials: 4, bad: 1, p99Us: 140_000, inFlightMean: 24.4, inFlightMost: 88 }),
  makePoint(417, { achievedPerSecond: 409, trials: 5, bad: 3, invalid: 1, p99Us: 610_000 }),
  makePoint(500, {
    achievedPerSecond: 404,
    trials: 1,
    bad: 1,
    inFlightMean: 190,
    inFlightMost: 391,
  }),
  makePoint(625, { achievedPerSecond: 396, trials: 1, invalid: 1 }),
];

export const FOUND: Capacity = {
  kind: 'found',
  lowerPerSecond: 402.2,
  upperPerSecond: 421.4,
  reason: '387 of 417/s achieved, in flight grew to 84',
  confirmed: true,
  curve: CURVE,
};
export const NOT_REACHED: Capacity = {
  kind: 'not-reached',
  lowerPerSecond: 400,
  upperPerSecond: null,
  reason: 'maxRate, 400/s, was sustained',
  confirmed: null,
  curve: CURVE.slice(0, 6),
};
export const WALL: Capacity = {
  kind: 'wall',
  lowerPerSecond: 15.6,
  upperPerSecond: 19.5,
  reason: '31 of 78 connects were refused (53300 sorry, too many clients already)',
  confirmed: true,
  curve: [makePoint(7.8), makePoint(15.6), makePoint(19.5, { achievedPerSecond: 17, bad: 1 })],
};
export const INVALID: Capacity = {
  kind: 'invalid',
  lowerPerSecond: 400,
  upperPerSecond: null,
  reason: "connstorm itself took 71% of the host's CPU (387 of 417/s achieved)",
  confirmed: null,
  curve: [...CURVE.slice(0, 6), makePoint(417, { trials: 2, invalid: 2 })],
};
export const UNSTABLE: Capacity = {
  kind: 'unstable',
  lowerPerSecond: 302.2,
  upperPerSecond: 421.4,
  reason: 'what was sustained and what was not lie 39% apart',
  leastPerSecond: 220,
  confirmed: false,
  changed: { lowPerSecond: 300, highPerSecond: 405 },
  disturbed: { steps: 9, of: 19, mostShare: 0.62 },
  curve: [...CURVE.slice(0, 6), makePoint(417, { trials: 3, unsure: 2, bad: 1 })],
};
export const NOTHING: Capacity = {
  kind: 'not-reached',
  lowerPerSecond: null,
  upperPerSecond: null,
  reason: 'the search was cut off',
  confirmed: null,
  curve: [],
};

/** Of one step of a search. */
export function describeStep(role: StepRecord['role'], amount: number): Partial<StepSummary> {
  const level =
    role === 'taste'
      ? ({ loop: 'closed', startClients: amount, endClients: amount } as const)
      : { startRatePerSecond: amount, endRatePerSecond: amount };
  return { ...(role === undefined ? {} : { role }), ...level };
}

/** The plan of a search instead of one whose steps are known beforehand. */
export function planSearch(
  plan: HeaderRecord['plan'],
  search: Partial<SearchSettings> = {},
): HeaderRecord['plan'] {
  return {
    ...plan,
    executor: 'saturation-search',
    arrivalCount: null,
    durationUs: SEARCH.maxDurationUs,
    blocks: [],
    steps: [],
    search: { ...SEARCH, ...search },
  };
}
