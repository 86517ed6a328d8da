import { describe, expect, it } from 'vitest';
import { readNamed } from '../../../src/analysis/readings/named-figures.ts';
import type { JudgedRun } from '../../../src/analysis/readings/reading.ts';
import { zeroConnections, zeroCounts } from '../../../src/model/accounting.ts';
import type { StepSummary } from '../../../src/result/records/summary-figures.ts';
import { disturbed } from '../../support/synthetic/synthetic-recovery.ts';
import { makeMetric, VALID } from '../../support/synthetic/synthetic-side.ts';

type Judged = JudgedRun['summary'];

function makeRun(overrides: Partial<Judged> = {}, asks?: number): JudgedRun {
  const counts = { ...zeroCounts(), due: 100, begun: 100, started: 100, ok: 100 };
  return {
    name: undefined,
    ...(asks === undefined ? {} : { asks }),
    values: { valueAtRank: () => 1 },
    summary: {
      stoppedBy: 'end',
      validity: VALID,
      steps: [],
      accounting: { ...counts, inFlight: 0 },
      connections: { ...zeroConnections(), opened: 100, closed: 100, open: 0 },
      metrics: {},
      capacity: null,
      errors: [],
      rates: { windowUs: 10_000_000, offeredPerSecond: 10, achievedPerSecond: 10 },
      ...overrides,
    },
  };
}

/** Steps that end at 10 s and 20 s, of which the clients of the second are connected 3 s later. */
const STEPS = [
  { fromUs: 0, toUs: 10_000_000, lastConnectedUs: 9_990_000 },
  { fromUs: 10_000_000, toUs: 20_000_000, lastConnectedUs: 23_000_000 },
] as StepSummary[];

describe('the time until the last client was connected', () => {
  it('counts from the begin of the load', () => {
    expect(readNamed('connected after', makeRun({ steps: STEPS }))).toEqual({
      low: 23_000_000,
      high: 23_000_000,
      of: 100,
    });
  });

  it('is a lower bound if some were never connected', () => {
    const { accounting } = makeRun().summary;
    const run = makeRun({ steps: STEPS, accounting: { ...accounting, ok: 90, failed: 10 } });
    expect(readNamed('connected after', run)).toMatchObject({
      low: 23_000_000,
      high: Infinity,
      reason: '10 of 100 clients were never connected',
    });
    expect(readNamed('drained after', run)).toMatchObject({ low: 3_000_000, high: Infinity });
  });

  it('beyond the end of its step is the time that the backlog took', () => {
    expect(readNamed('drained after', makeRun({ steps: STEPS }))).toMatchObject({
      low: 3_000_000,
      high: 3_000_000,
    });
  });
});

describe('the moments of a restart', () => {
  const RESTART = {
    index: 0,
    kind: 'restart',
    round: 1,
    state: 'done',
    fromUs: 5_000_000,
    stoppedUs: 5_400_000,
    toUs: 5_600_000,
    allowUntilUs: 65_000_000,
  } as const;
  const cause = { kind: 'event', event: 'restart', index: 0 } as const;

  it('count from its beginning, and are those of the longest', () => {
    const events = [RESTART, { ...RESTART, round: 2, stoppedUs: 5_300_000, toUs: 5_700_000 }];
    const recovery = [
      disturbed({ cause, servedAfterUs: 650_000 }),
      disturbed({ cause, servedAfterUs: 720_000 }),
    ];
    const run = makeRun({ events, recovery });
    expect(readNamed('stopped after', run)).toEqual({ low: 400_000, high: 400_000, of: 2 });
    expect(readNamed('accepts after', run)).toEqual({ low: 700_000, high: 700_000, of: 2 });
    expect(readNamed('serves after', run)).toEqual({ low: 720_000, high: 720_000, of: 2 });
  });

  it('are not known if it failed, or nobody was connected afterwards', () => {
    const failed = { ...RESTART, state: 'failed' } as const;
    const run = makeRun({ events: [failed], recovery: [disturbed({ cause })] });
    expect(readNamed('stopped after', run)).toBeNull();
    expect(readNamed('accepts after', run)).toBeNull();
    expect(readNamed('serves after', run)).toMatchObject({ low: -Infinity, high: Infinity });
  });
});

describe('the time until all that were cut were back', () => {
  const back = (afterUs: number) => disturbed({ allBack: { kind: 'back', sessions: 10, afterUs } });

  it('is the longest of all cuts', () => {
    const recovery = [back(300_000), disturbed(), back(900_000)];
    const reading = readNamed('allBack after', makeRun({ recovery }));
    expect(reading).toEqual({ low: 900_000, high: 900_000, of: 2 });
  });

  it('has no upper bound if one never came back', () => {
    const allBack = { kind: 'not-all-back', sessions: 10, back: 9 } as const;
    const recovery = [back(300_000), disturbed({ allBack })];
    expect(readNamed('allBack after', makeRun({ recovery }))).toEqual({
      low: 3_000_000,
      high: Infinity,
      of: 2,
      reason: '1 of 10 sessions that were cut never came back',
    });
  });

  it('does not exist if none was cut', () => {
    expect(readNamed('allBack after', makeRun({ recovery: [disturbed()] }))).toBeNull();
  });
});

it('refusals are told apart by their code, and cut connections do not count', () => {
  const error = { layer: 'server', phase: 'auth', message: '', normalised: '' } as const;
  const errors = [
    { ...error, ledger: 'attempt', code: '57P03', count: 3 },
    { ...error, ledger: 'attempt', code: '57P03', count: 4 },
    { ...error, ledger: 'attempt', code: 'ECONNREFUSED', count: 5 },
    { ...error, ledger: 'attempt', code: 'ECONNRESET', count: 6 },
    { ...error, ledger: 'connection', code: 'ECONNRESET', count: 7 },
  ] as const;
  const run = makeRun({ errors: [...errors] });
  expect(readNamed('cannotConnectNow count', run)).toMatchObject({ low: 7, high: 7 });
  expect(readNamed('tcpRefused count', run)).toMatchObject({ low: 5, high: 5 });
  expect(readNamed('tcpReset count', run)).toMatchObject({ low: 6, high: 6 });
});

it('failures whose code was not kept may be any refusal, and that is the reason', () => {
  const error = { layer: 'server', phase: 'auth', message: '', normalised: '' } as const;
  const errors = [
    { ...error, ledger: 'attempt', code: '57P03', count: 3 },
    { ...error, ledger: 'attempt', code: 'OTHER', count: 4 },
  ] as const;
  expect(readNamed('cannotConnectNow count', makeRun({ errors: [...errors] }))).toEqual({
    low: 3,
    high: 7,
    of: 100,
    reason:
      '4 of 100 attempts failed with an error whose code was not kept, because there were too many kinds of errors',
  });
});

describe('the largest number in flight', () => {
  it.each([
    [0, 1, 1],
    [7, 8, 8],
    // From 8 on a crowd is recorded with three significant bits: 96 stands for 96 to 111.
    [96, 97, 112],
    [1792, 1793, 2048],
  ])('with %i others is %i to %i', (others, low, high) => {
    const crowd = {
      due: [],
      begun: [[0, 1], ...(others === 0 ? [] : [[others, 1] as [number, number]])],
    } as NonNullable<Judged['crowd']>;
    expect(readNamed('inFlight most', makeRun({ crowd }))).toMatchObject({ low, high });
  });

  it('is not known without crowds', () => {
    expect(readNamed('inFlight most', makeRun())).toBeNull();
  });
});

describe('queries', () => {
  const cost = {
    serverCpuPerConnectUs: 5000,
    postmasterCpuPerConnectUs: 400,
    poolerCpuPerConnectUs: null,
    backendsMost: 4,
  };

  it('are those of connections that got the result of the last one', () => {
    const metrics = { usableServiceTime: makeMetric(1000, { count: 80 }) };
    const run = makeRun({ metrics, cost }, 10);
    expect(readNamed('queries perSecond', run)).toEqual({ low: 80, high: 80, of: 800 });
    // 100 connects of 5 ms for 800 queries.
    expect(readNamed('server cpuPerQuery', run)).toEqual({ low: 625, high: 625, of: 800 });
  });

  it('may have been answered after the end of the load', () => {
    const metrics = { firstQueryServiceTime: makeMetric(1000, { count: 100 }) };
    const steps = [{ fromUs: 0, toUs: 10_000_000, lastConnectedUs: 12_500_000 }] as StepSummary[];
    expect(readNamed('queries perSecond', makeRun({ metrics, steps }, 1))).toMatchObject({
      low: 8,
      high: 10,
    });
  });

  it('of one on each connection are counted by its result', () => {
    const metrics = { firstQueryServiceTime: makeMetric(1000, { count: 50 }) };
    expect(readNamed('queries perSecond', makeRun({ metrics }, 1))).toMatchObject({ low: 5 });
  });

  it('without CPU times have no cost', () => {
    const metrics = { firstQueryServiceTime: makeMetric(1000, { count: 50 }) };
    expect(readNamed('server cpuPerQuery', makeRun({ metrics }, 1))).toBeNull();
  });
});

it('sessions have attempts for each success', () => {
  const { accounting } = makeRun().summary;
  const run = makeRun({ accounting: { ...accounting, started: 300, failed: 200 } });
  expect(readNamed('attemptsPerSuccess avg', run)).toEqual({ low: 3, high: 3, of: 100 });
});
