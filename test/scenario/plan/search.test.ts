import { describe, expect, it } from 'vitest';
import { checkScenario } from '../../../src/scenario/file/check.ts';
import { renderPath } from '../../../src/scenario/file/field-path.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';
import { planSearchStep, type SearchPlan } from '../../../src/scenario/plan/search.ts';

const SEARCH = { executor: 'saturation-search' };

function problemsOf(fields: Record<string, unknown>): string[] {
  const checked = checkScenario({ shows: 'x', load: SEARCH, ...fields });
  if (!('problems' in checked)) return [];
  return checked.problems.map(({ field, text }) => `${renderPath(field)} ${text}`);
}

function planOf(load: Record<string, unknown> = SEARCH) {
  const checked = checkScenario({ shows: 'x', load });
  if (!('scenario' in checked)) throw new Error(checked.problems[0]?.text);
  return planRun(checked.scenario);
}

function searchOf(load?: Record<string, unknown>): SearchPlan {
  const { search } = planOf(load);
  if (search === undefined) throw new Error('it has no search');
  return search;
}

describe('a search in a scenario', () => {
  it('needs nothing but its executor', () => {
    expect(problemsOf({})).toEqual([]);
    expect(planOf()).toMatchObject({ blocks: [], steps: [], arrivalCount: null });
    expect(searchOf()).toMatchObject({ growth: 1.25, stepUs: 4e6, tolerance: 0.05, trials: 5 });
  });

  it.each([
    [{ load: { a: SEARCH } }, 'load.a.executor is saturation-search, which must be the only block'],
    [
      { load: { ...SEARCH, startRate: 50, maxRate: 40 } },
      'load.startRate must be at most load.maxRate (40), got 50',
    ],
    [
      { load: { ...SEARCH, stepDuration: '30s' } },
      'load.maxDuration must be at least 6 times stepDuration (30s), got 2m',
    ],
    [{ retry: { policy: 'fixed', timeout: '1s' } }, 'retry cannot be used with saturation-search'],
    [{ connection: { hold: 'end' } }, 'connection.hold must not be end with saturation-search'],
    [{ load: { ...SEARCH, rate: 5 } }, 'rate'],
    [{ load: { ...SEARCH, tolerance: 0 } }, 'load.tolerance'],
  ])('is told what is wrong with %j', (fields, problem) => {
    expect(problemsOf(fields)).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a step that a search decides on', () => {
  it('is a block of its own that begins when it is told to', () => {
    const rate = { role: 'climb', level: 40, durationUs: 4_000_000 } as const;
    const { block, step } = planSearchStep(searchOf(), rate, { index: 3, fromUs: 1_000_000 });
    expect(block).toMatchObject({ startUs: 1_000_000, endUs: 5_000_000, lastsUntilEnd: false });
    expect(block.pace).toMatchObject({ loop: 'open', schedule: { arrivalCount: 160 } });
    expect(step).toMatchObject({ index: 3, block: 3, role: 'climb', startRatePerSecond: 40 });
  });

  it('is measured clear of its beginning', () => {
    const of = (durationUs: number) =>
      planSearchStep(searchOf(), { role: 'climb', level: 40, durationUs }, { index: 0, fromUs: 0 })
        .step;
    expect(of(4_000_000)).toMatchObject({ measureFromUs: 600_000, measureToUs: 4_000_000 });
    expect(of(2_000_000)).toMatchObject({ measureFromUs: 500_000, measureToUs: 2_000_000 });
  });

  it('is a closed loop for a taste', () => {
    const taste = { role: 'taste', level: 16, durationUs: 3_000_000 } as const;
    const { block, step } = planSearchStep(searchOf(), taste, { index: 0, fromUs: 0 });
    expect(block).toMatchObject({ executor: 'constant-clients', pace: { loop: 'closed' } });
    expect(step).toMatchObject({ loop: 'closed', startClients: 16 });
    expect(step.startRatePerSecond).toBeUndefined();
  });

  it('has a seed of its own', () => {
    const random = searchOf({ ...SEARCH, arrivals: 'poisson' });
    const seeds = [0, 1].map((index) => {
      const rate = { role: 'climb', level: 40, durationUs: 4_000_000 } as const;
      const { pace } = planSearchStep(random, rate, { index, fromUs: 0 }).block;
      return pace.loop === 'open' ? pace.schedule.seed : undefined;
    });
    expect(new Set(seeds).size).toBe(2);
  });
});
