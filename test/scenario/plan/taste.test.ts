import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseDuration } from '../../../src/scenario/duration.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';
import {
  chooseRate,
  findHighestRate,
  planTaste,
  settleRates,
} from '../../../src/scenario/plan/taste.ts';

const parse = (text: string) => parseScenario(text, 'x.yaml');

function listProblems(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split('\n');
  }
}

const LOAD = 'shows: x\nload: { executor: constant-arrival-rate, rate: 500, duration: 8s }\n';

describe('taste in a file', () => {
  it.each([
    ['', undefined],
    ['taste: {}', { share: 0.33, duration: '2s', clients: 8 }],
    ['taste: { share: 0.5, duration: 1s, clients: 4 }', { share: 0.5, duration: '1s', clients: 4 }],
    ['taste: {}\nvariants: { a: {}, b: {} }', { share: 0.33, duration: '2s', clients: 8 }],
  ])('%j', (rest, taste) => {
    expect(parse(LOAD + rest).taste).toEqual(taste);
  });

  it.each([
    ['taste: { share: 11 }', ['x.yaml:3:17 taste.share must be at most 10, got 11']],
    ['taste: { clients: 0 }', ['x.yaml:3:19 taste.clients must be at least 1, got 0']],
    ['taste: { duration: 1m }', ['x.yaml:3:20 taste.duration must be at most 30s, got "1m"']],
    [
      'variants: { a: { taste: {} }, b: {} }',
      [
        'x.yaml:3:18 variants.a.taste must be left out: the rates of all variants follow from one taste',
      ],
    ],
  ])('is refused where it makes no sense: %s', (rest, problems) => {
    expect(listProblems(LOAD + rest)).toEqual(problems);
  });

  it.each([
    '{ executor: saturation-search }',
    '{ executor: burst, clients: 5 }',
    '{ executor: constant-clients, clients: 5, duration: 1s }',
    '{ executor: ramping-arrival-rate, stages: [{ duration: 1s, target: 5 }] }',
    '{ a: { executor: constant-arrival-rate, rate: 5, duration: 1s }, b: { executor: burst, clients: 5 } }',
  ])('is of constant rates, and not of %s', (load) => {
    expect(listProblems(`shows: x\nload: ${load}\ntaste: {}`)).toEqual([
      'x.yaml:3:8 taste needs a load whose blocks all have the executor constant-arrival-rate: other loads have no constant rates that could be set',
    ]);
  });
});

describe('a taste', () => {
  const [{ scenario }] = parse(
    `${LOAD}connection: { queries: 1, hold: 1m, close: abandon, abandonAfter: 10ms }\nretry: { policy: fixed, base: 10ms, timeout: 1s }`,
  ).variants;
  const plan = planTaste(scenario, { share: 0.33, duration: '2s', clients: 8 });

  it('is a closed loop that connects as the scenario does, without hold, retry and giving up', () => {
    expect(plan).toMatchObject({ clientCount: 8, arrivalCount: null, durationUs: 2_000_000 });
    expect(plan.retry).toBeUndefined();
    expect(plan.connection).toMatchObject({ queries: 1, holdUs: 0, close: 'terminate' });
    expect(plan.connection.abandonAfterUs).toBeUndefined();
    expect(plan.connection.timeoutUs).toBe(1_000_000);
  });
});

describe('the rate that follows', () => {
  const BOUNDS = { share: 0.33, highest: 500, durationUs: 8_000_000 };

  it.each([
    ['a third of the slowest', [124, 512], 40],
    ['in tenths below ten', [9, 211], 2.9],
    ['at most what is written', [6000, 9000], 500],
    ['at least one arrival', [0.1, 9], 0.125],
  ])('is %s', (_, taken, rate) => {
    expect(chooseRate(taken, BOUNDS)).toBeCloseTo(rate, 6);
  });

  it('is set per timeUnit, and the plan has as many arrivals', () => {
    const text =
      'shows: x\nload: { executor: constant-arrival-rate, rate: 6000, timeUnit: 1m, duration: 8s }\n';
    const [{ scenario }] = parse(text).variants;
    expect(findHighestRate([scenario])).toBe(100);
    const settled = settleRates(scenario, { highest: 100, ratePerSecond: 41 });
    expect(settled.load).toMatchObject({ rate: 41 * 60, duration: '8s' });
    expect(planRun(settled).arrivalCount).toBe(41 * (parseDuration('8s') / 1e6));
    expect(findHighestRate([settled])).toBe(41);
  });

  it('is that of the highest block of all variants, and the others keep their ratio to it', () => {
    const text = [
      'shows: x',
      'load:',
      '  steady: { executor: constant-arrival-rate, rate: 40, duration: 30s }',
      '  surge: { executor: constant-arrival-rate, rate: 24000, timeUnit: 1m, duration: 10s }',
      'taste: { share: 1.4 }',
      'variants: { all: {}, half: { load: { surge: { rate: 12000 } } } }',
    ].join('\n');
    const scenarios = parse(text).variants.map(({ scenario }) => scenario);
    expect(findHighestRate(scenarios)).toBe(400);
    const settled = scenarios.map((scenario) =>
      settleRates(scenario, { highest: 400, ratePerSecond: 140 }),
    );
    expect(settled.map(({ load }) => load)).toMatchObject([
      { steady: { rate: 14 }, surge: { rate: 140 * 60 } },
      { steady: { rate: 14 }, surge: { rate: 70 * 60 } },
    ]);
  });
});
