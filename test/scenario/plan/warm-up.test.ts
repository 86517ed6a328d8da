import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createArrivals } from '../../../src/load/schedule/arrivals.ts';
import { collectOverrides } from '../../../src/scenario/file/overrides.ts';
import { parseScenario as parseFile } from '../../../src/scenario/file/parse.ts';
import { type Plan, planRun } from '../../../src/scenario/plan/plan.ts';
import { planWarmUp } from '../../../src/scenario/plan/warm-up.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const CONSTANT = 'executor: constant-arrival-rate, rate: 10';
const RAMP = 'executor: ramping-arrival-rate, startRate: 0, stages: [';
const CLIENTS = 'executor: ramping-clients, startClients: 0, stages: [';

function read(load: string) {
  return parseScenario(`shows: a\nload: { ${load} }`, 'x.yaml');
}

function momentsOf({ blocks }: Plan): number[] {
  const pace = blocks[0]?.pace;
  if (pace?.loop !== 'open') throw new Error('the first block has no schedule');
  const arrivals = createArrivals(pace.schedule, { worker: 0, workers: 1 });
  const moments: number[] = [];
  while (arrivals.advance()) moments.push(arrivals.atUs);
  return moments;
}

describe('the plan of a warm-up', () => {
  it.each<[string, string, number, number | null]>([
    ['is cut', `${CONSTANT}, duration: 60s`, 2_000_000, 20],
    ['that is shorter stays as it is', `${CONSTANT}, duration: 1s`, 1_000_000, 10],
    [
      'that begins later is cut as well',
      `${CONSTANT}, duration: 60s, startTime: 500ms`,
      2_000_000,
      15,
    ],
    // 5/s on average over the first half of what comes to 20/s after 4 s.
    [
      'that grows is cut where it has come to',
      `${RAMP}{ duration: 4s, target: 20 }]`,
      2_000_000,
      10,
    ],
    [
      'of stages has those that fit',
      `${RAMP}{ duration: 0s, target: 20 }, { duration: 1s, target: 20 }, { duration: 1m, target: 20 }]`,
      2_000_000,
      40,
    ],
    ['at once is all of it', 'executor: burst, clients: 30', 1_000_000, 30],
    ['within a window is a part of it', 'executor: burst, clients: 30, window: 6s', 2_000_000, 10],
    [
      'of clients has no arrivals',
      'executor: constant-clients, clients: 3, duration: 1m',
      2_000_000,
      null,
    ],
  ])('of a load that %s', (_, load, durationUs, count) => {
    const plan = planWarmUp(read(load), 1, 2_000_000);
    expect(plan).toMatchObject({ durationUs, arrivalCount: count });
    expect(plan.steps.at(-1)?.toUs).toBe(durationUs);
  });

  it('has the arrivals of the load, of those at even intervals the first', () => {
    const scenario = read(`${CONSTANT}, duration: 60s`);
    const whole = momentsOf(planRun(scenario));
    expect(momentsOf(planWarmUp(scenario, 1, 2_000_000))).toEqual(whole.slice(0, 20));
  });

  it.each([0, 1, 0x8000_0000, 0xffff_ffff])(
    'has other arrivals at random than seed %d has',
    (seed) => {
      const scenario = read(`${CONSTANT}, duration: 2s, arrivals: poisson`);
      const measured = momentsOf(planRun({ ...scenario, seed }));
      const before = momentsOf(planWarmUp(scenario, seed, 2_000_000));
      expect(before).toHaveLength(measured.length);
      expect(before).not.toEqual(measured);
      expect(momentsOf(planWarmUp(scenario, seed, 2_000_000))).toEqual(before);
    },
  );

  it.each([
    ['10s', 4, [0, 2]],
    ['10m', 4, [0, 1]],
  ])(
    'has as many clients as there are by then, one at least: in %s %i',
    (duration, target, range) => {
      const plan = planWarmUp(
        read(`${CLIENTS}{ duration: ${duration}, target: ${target} }]`),
        1,
        4_000_000,
      );
      const pace = plan.blocks[0]?.pace;
      const [startClients, endClients] = range;
      expect(pace).toMatchObject({
        clients: {
          clientCount: endClients,
          pieces: [{ startClients, endClients, durationUs: 4_000_000 }],
        },
      });
    },
  );

  it('leaves out what begins later, and numbers what is left', () => {
    const scenario = parseScenario(
      `shows: a\nload:\n  late: { ${CONSTANT}, duration: 9s, startTime: 5s }\n  early: { ${CONSTANT}, duration: 9s, startTime: 1s }`,
      'x.yaml',
    );
    const plan = planWarmUp(scenario, 1, 2_000_000);
    expect(plan.blocks.map(({ name }) => name)).toEqual(['early']);
    expect(plan.steps).toMatchObject([{ index: 0, block: 0, fromUs: 1_000_000, toUs: 2_000_000 }]);
    expect(plan).toMatchObject({ durationUs: 2_000_000, arrivalCount: 10 });
  });
});

describe('warmUp in a file', () => {
  const LOAD = `shows: a\nload: { ${CONSTANT}, duration: 10s, startTime: 1s }\n`;

  function parse(text: string, set: string[] = []) {
    return parseFile(text, 'x.yaml', collectOverrides({ set }, {}));
  }

  function listProblems(text: string, set?: string[]): string[] {
    try {
      parse(text, set);
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message.split('\n');
    }
  }

  it.each<[string, string[], number]>([
    ['', [], 0],
    ['warmUp: 0s', [], 0],
    ['warmUp: 1500ms', [], 1_500_000],
    ['', ['warmUp=2s'], 2_000_000],
    ['warmUp: 5s\nvariants: { a: {}, b: {} }', ['warmUp=0s'], 0],
  ])('%j with --set %j is %i us', (rest, set, us) => {
    expect(parse(LOAD + rest, set).warmUpUs).toBe(us);
  });

  it.each<[string, string[], string[]]>([
    ['warmUp: 3', [], ['x.yaml:3:9 warmUp must have a unit (3s or 3ms?), got 3']],
    ['warmUp: 2h', [], ['x.yaml:3:9 warmUp must be at most 1h, got "2h"']],
    [
      'warmUp: 1s',
      [],
      [
        "x.yaml:3:9 warmUp must be longer than the load's startTime (1s), or nothing is warmed up, got 1s",
      ],
    ],
    [
      'variants: { a: {}, b: { load: { startTime: 20s } } }',
      ['warmUp=20s'],
      [
        "--set warmUp=20s: warmUp must be longer than the load's startTime (20s), or nothing is warmed up, got 20s (variant b)",
      ],
    ],
    [
      'variants: { a: { warmUp: 1s }, b: {} }',
      [],
      [
        'x.yaml:3:18 variants.a.warmUp must be left out: all variants have the same warm-up, so that none finds caches that another had to fill',
      ],
    ],
  ])('%j with --set %j is refused', (rest, set, problems) => {
    expect(listProblems(LOAD + rest, set)).toEqual(problems);
  });

  it('is refused with a search, but for none', () => {
    const search = 'shows: a\nload: { executor: saturation-search }\nwarmUp: ';
    expect(listProblems(`${search}2s`)).toEqual([
      'x.yaml:3:9 warmUp cannot be used with saturation-search, which begins at a low rate by itself, got 2s: leave it out',
    ]);
    expect(listProblems(`${search}0s`)).toEqual([]);
  });
});
