import { describe, expect, it } from 'vitest';
import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { countCases } from '../../support/all-cases.ts';
import {
  searchVirtually,
  type VirtualPostmaster,
} from '../../support/virtual/virtual-postmaster.ts';

const SETTINGS: SearchSettings = {
  growth: 1.25,
  stepUs: 4_000_000,
  tolerance: 0.05,
  trials: 5,
  maxDurationUs: 120_000_000,
};

const SEEDS = countCases({ some: 40, all: 100 });

/** Each seed has a server of its own, from 150 to 399 connects a second. */
function search(seed: number, server: Partial<VirtualPostmaster>, settings = SETTINGS) {
  const perSecond = 150 + ((seed * 37) % 250);
  const run = searchVirtually({ seed, serviceS: 1 / perSecond, ...server }, settings);
  const capacity = findCapacity(settings, run.steps, { reason: 'the end' }, []);
  return { ...run, server: run.capacity, perSecond, capacity };
}

/** What the server could do in the mean while it was searched. */
function truthOf({ server, elapsedS }: ReturnType<typeof search>): number {
  return server.meanPerSecond(0, elapsedS);
}

function holdsTruth(run: ReturnType<typeof search>): boolean {
  const { lowerPerSecond, upperPerSecond } = run.capacity;
  const truth = truthOf(run);
  return (lowerPerSecond ?? Infinity) <= truth && truth <= (upperPerSecond ?? 0);
}

const STALLS = { stalls: { perSecond: 0.3, lengthS: 0.15 } };

describe('the search against servers in virtual time', () => {
  it.each([
    ['a quiet server', {}],
    ['one that stalls for 150 ms, 0.3 times a second', STALLS],
    ['one that gets 6 % slower', { drift: { share: 0.06, overS: 100 } }],
    ['one that gets 6 % faster', { drift: { share: -0.06, overS: 100 } }],
  ])('holds the truth between its two rates in 93 % of searches: %s', (_, server) => {
    let held = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = search(seed, server);
      expect(run.capacity.kind).toMatch(/^(found|unstable)$/);
      expect(run.elapsedS).toBeLessThan(125);
      if (holdsTruth(run)) held++;
    }
    expect(held / SEEDS).toBeGreaterThanOrEqual(0.93);
  });

  it('comes to an interval of no more than twice the tolerance, and a fifth, where the server is quiet', () => {
    const widths = Array.from({ length: SEEDS }, (_, at) => {
      const { lowerPerSecond, upperPerSecond } = search(at + 1, {}).capacity;
      return (upperPerSecond ?? Number.NaN) / (lowerPerSecond ?? Number.NaN) - 1;
    });
    expect(widths.reduce((sum, width) => sum + width, 0) / widths.length).toBeLessThan(0.11);
    expect(Math.max(...widths)).toBeLessThan(0.2);
  });

  it.each([
    ['a quiet server', {}],
    ['one that stalls', STALLS],
    ['one that gets slower', { drift: { share: 0.06, overS: 100 } }],
  ])('sees no knee where no search goes beyond 0.7 of the capacity: %s', (_, server) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const perSecond = 150 + ((seed * 37) % 250);
      const settings = { ...SETTINGS, maxRatePerSecond: 0.7 * perSecond };
      const { capacity } = search(seed, server, settings);
      expect(capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    }
  });

  it('confirms what it has found', () => {
    const confirmed = Array.from({ length: 50 }, (_, at) => search(at + 1, {}).capacity.confirmed);
    expect(confirmed.filter((it) => it === true).length).toBeGreaterThanOrEqual(49);
  });

  it('takes no more than 45 s with short steps, 10 % and three trials', () => {
    const quick = {
      ...SETTINGS,
      stepUs: 2_000_000,
      tolerance: 0.1,
      trials: 3,
      maxDurationUs: 45_000_000,
    };
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect(search(seed, {}, quick).elapsedS).toBeLessThan(46);
    }
  });

  it('answers refusals with a wall near what the slots allow', () => {
    const slots = { count: 17, holdS: 1 };
    const run = searchVirtually({ seed: 1, serviceS: 0.004, slots }, SETTINGS);
    const capacity = findCapacity(SETTINGS, run.steps, { reason: 'the end' }, []);
    expect(capacity.kind).toBe('wall');
    expect(capacity.reason).toContain('refused');
    expect(capacity.lowerPerSecond).toBeGreaterThan(17 * 0.85);
    expect(capacity.upperPerSecond).toBeLessThan(17 * 1.15);
  });

  it('answers with what it knows when its time is over', () => {
    const settings = { ...SETTINGS, maxDurationUs: 45_000_000 };
    for (let seed = 1; seed <= 50; seed++) {
      const { capacity, elapsedS, perSecond } = search(seed, {}, settings);
      expect(elapsedS).toBeLessThan(46);
      expect(capacity.kind).toBe('unstable');
      expect(capacity.lowerPerSecond).toBeLessThan(perSecond);
      expect(capacity.upperPerSecond).toBeGreaterThan(perSecond);
    }
  });

  it('finds the capacity that keeps a latency goal below the one that does not', () => {
    const settings = { ...SETTINGS, latencyGoalUs: 12_000, maxDurationUs: 240_000_000 };
    const { capacity } = search(3, { serviceS: 0.004, spread: 0.9 }, settings);
    const { underGoal } = capacity;
    expect(underGoal).toMatchObject({ kind: 'found', goalUs: 12_000 });
    expect(underGoal?.upperPerSecond).toBeLessThanOrEqual(capacity.upperPerSecond ?? 0);
    expect(underGoal?.lowerPerSecond).toBeLessThan(underGoal?.upperPerSecond ?? 0);
  });
});
