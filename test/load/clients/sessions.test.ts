import { describe, expect, it } from 'vitest';
import { checkAccounting, checkSessions, countEnded } from '../../../src/model/accounting.ts';
import { drawBackoffUs } from '../../../src/scenario/plan/retry.ts';
import { REFUSAL } from '../../support/virtual/simulated-driver.ts';
import { VirtualLoad, type VirtualOptions } from '../../support/virtual/virtual-load.ts';

/** All in virtual time. */

const ONE = { executor: 'burst', clients: 1 };
const TIMEOUT = { timeout: '1s' };

function createLoad(
  retry: Record<string, unknown>,
  load: Record<string, unknown>,
  options: VirtualOptions & { connection?: Record<string, unknown>; seed?: number } = {},
): VirtualLoad {
  const { connection = {}, seed = 1, ...rest } = options;
  const timeout = retry.policy === 'none' ? {} : TIMEOUT;
  return new VirtualLoad({ load, connection, seed, retry: { ...timeout, ...retry } }, rest);
}

function sessionsOf({ recorder }: VirtualLoad) {
  const { sessions } = recorder.accounting();
  if (sessions === undefined) throw new Error('there are no sessions');
  return sessions;
}

function expectLaws(run: VirtualLoad): void {
  const { accounting, connections } = run.recorder.accounting();
  const complete = { complete: true };
  expect(checkAccounting(accounting, connections, { ...complete, sessions: true })).toEqual([]);
  expect(checkSessions(sessionsOf(run), accounting, complete)).toEqual([]);
}

/** From the end of an attempt, `lastsUs` after its start, to the start of the next. */
function gapsOf({ all }: VirtualLoad, lastsUs: number): number[] {
  return all.slice(1).map(({ startUs }, i) => startUs - (all[i]?.startUs ?? 0) - lastsUs);
}

describe('a policy', () => {
  it.each([
    { policy: 'none', gaps: [] },
    { policy: 'immediate', gaps: [0, 0, 0, 0] },
    { policy: 'fixed', gaps: [100_000, 100_000, 100_000, 100_000] },
    { policy: 'exponential', gaps: [100_000, 200_000, 400_000, 500_000] },
  ])('of $policy has exactly its attempts and gaps', ({ policy, gaps }) => {
    const retry = { policy, base: '100ms', cap: '500ms', maxAttempts: 5 };
    const run = createLoad(retry, ONE, { server: () => ({ failed: 7_000 }) }).run();
    expect(gapsOf(run, 7_000)).toEqual(gaps);
    expect(sessionsOf(run)).toMatchObject({ begun: 1, gaveUp: 1, connected: 0 });
    expectLaws(run);
  });

  it('of full-jitter waits what its seed draws, no longer than exponential', () => {
    const retry = { policy: 'full-jitter', base: '100ms', cap: '500ms', maxAttempts: 9 };
    const server = () => ({ failed: 7_000 });
    const gaps = gapsOf(createLoad(retry, ONE, { server }).run(), 7_000);
    const plan = { policy: 'full-jitter', baseUs: 100_000, capUs: 500_000, seed: 1 } as const;
    expect(gaps).toEqual(gaps.map((_, i) => drawBackoffUs(plan, 0, i + 1)));
    expect(gapsOf(createLoad(retry, ONE, { server, seed: 2 }).run(), 7_000)).not.toEqual(gaps);
  });

  it('of full-jitter waits otherwise in each block, or blocks would come in step', () => {
    const retry = { policy: 'full-jitter', base: '100ms', cap: '500ms', maxAttempts: 9 };
    const server = () => ({ failed: 7_000 });
    const run = createLoad(retry, { a: ONE, b: ONE }, { server }).run();
    const startsOf = (block: number): number[] =>
      run.all.filter(({ step }) => step === block).map(({ startUs }) => startUs);
    expect(startsOf(0)).toHaveLength(9);
    expect(startsOf(1).slice(1)).not.toEqual(startsOf(0).slice(1));
  });

  it('counts a timed-out attempt as a failure, after the timeout of its own', () => {
    const retry = { policy: 'fixed', base: '100ms', timeout: '2s', maxAttempts: 3 };
    const run = createLoad(retry, ONE, { server: () => ({ silent: true }) }).run();
    expect(run.all.map(({ startUs }) => startUs)).toEqual([0, 2_100_000, 4_200_000]);
    expectLaws(run);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('has the same attempts on %d workers', (workers) => {
    const retry = { policy: 'full-jitter', base: '50ms', cap: '2s' };
    const load = { executor: 'burst', clients: 97, window: '1s', spread: 'random' };
    // By session alone, so that it does not matter who runs it.
    const list = (count: number) => {
      const tries = new Map<number, number>();
      const server = ({ index }: { index: number }) => {
        const tried = (tries.get(index) ?? 0) + 1;
        tries.set(index, tried);
        return tried > index % 5 ? { ready: 1_000 } : { failed: 2_000 };
      };
      const run = createLoad(retry, load, { workers: count, server }).run();
      expectLaws(run);
      return run.all.map(({ index, startUs }) => [startUs, index]);
    };
    expect(list(workers)).toEqual(list(1));
  });
});

describe('drawBackoffUs', () => {
  const plan = { policy: 'full-jitter', baseUs: 100_000, capUs: 10_000_000, seed: 5 } as const;

  it('of full-jitter is evenly distributed between 0 and the exponential wait', () => {
    const draws = Array.from({ length: 10_000 }, (_, session) => drawBackoffUs(plan, session, 3));
    draws.sort((a, b) => a - b);
    const distance = draws.reduce((largest, us, i) => {
      const share = us / 400_000;
      return Math.max(largest, Math.abs(share - i / 10_000), Math.abs((i + 1) / 10_000 - share));
    }, 0);
    expect(distance).toBeLessThan(1.95 / 100);
  });

  it('draws neighbours independently', () => {
    const draw = (session: number, failures: number) =>
      drawBackoffUs(plan, session, failures) / 400_000;
    const pairs = Array.from({ length: 5_000 }, (_, i) => [draw(i, 3), draw(i + 1, 3)] as const);
    const product = pairs.reduce((sum, [a, b]) => sum + (a - 0.5) * (b - 0.5), 0) / pairs.length;
    // A correlation of 5 standard errors.
    expect(Math.abs(product / (1 / 12))).toBeLessThan(5 / Math.sqrt(5_000));
  });

  it('is bounded by the cap after any number of failures, and 0 with a base of 0', () => {
    const exponential = { ...plan, policy: 'exponential' } as const;
    expect(drawBackoffUs(exponential, 0, 5_000)).toBe(10_000_000);
    expect(drawBackoffUs({ ...exponential, baseUs: 0 }, 0, 5_000)).toBe(0);
  });
});

describe('a session', () => {
  it('has a latency from the wish to the connection, over all of its attempts', () => {
    const retry = { policy: 'fixed', base: '100ms', goal: '300ms' };
    const load = { executor: 'burst', clients: 2, window: '2s' };
    const server = ({ index }: { index: number }, serial: number) =>
      index === 0 && serial < 2 ? { failed: 50_000, failure: REFUSAL } : { ready: 20_000 };
    const run = createLoad(retry, load, { server }).run();
    // 50 + 100 + 50 + 100 + 20 ms; and the second one at once.
    const latency = run.intervals.flatMap(({ steps }) =>
      steps.map((it) => it.histograms.sessionLatency),
    );
    const found = latency.filter((it) => it !== undefined);
    expect(found.map(({ maxUs }) => maxUs)).toEqual([320_000, 20_000]);
    expect(sessionsOf(run)).toMatchObject({ begun: 2, connected: 2, attempts: 4, withinGoal: 1 });
    expect(run.recorder.accounting().accounting).toMatchObject({ begun: 2, started: 4, failed: 2 });
    expectLaws(run);
  });

  it('that waits counts as in flight: arrivals beyond the cap are dropped', () => {
    const retry = { policy: 'fixed', base: '10s' };
    const load = { executor: 'constant-arrival-rate', rate: 10, duration: '2s', maxInFlight: 5 };
    const run = createLoad(retry, load, { server: () => ({ failed: 1_000 }) }).run();
    expect(run.recorder.accounting().accounting).toMatchObject({ due: 20, begun: 5, dropped: 15 });
    expectLaws(run);
  });

  it('of a closed loop is one cycle: its client goes on when it has given up', () => {
    const retry = { policy: 'fixed', base: '100ms', maxAttempts: 2 };
    const load = { executor: 'constant-clients', clients: 1, duration: '2s', think: '300ms' };
    const run = createLoad(retry, load, { server: () => ({ failed: 50_000 }) }).run();
    // 50 + 100 + 50 ms, and 300 ms of thinking.
    expect(run.all.map(({ startUs }) => startUs / 1000)).toEqual([
      0, 150, 500, 650, 1000, 1150, 1500, 1650,
    ]);
    expectLaws(run);
  });

  it('stopped, does not try again: those that wait are cancelled', () => {
    const retry = { policy: 'fixed', base: '500ms', maxAttempts: 100 };
    const load = { executor: 'burst', clients: 30, duration: '1m' };
    const run = createLoad(retry, load, { server: () => ({ failed: 100_000 }) });
    run.run({ atUs: 5_250_000, act: () => run.loops[0]?.stop(5_250_000) });
    expect(sessionsOf(run)).toMatchObject({ begun: 30, cancelled: 30, waiting: 0 });
    expect(run.endUs).toBe(5_250_000);
    expectLaws(run);
  });

  it('is lost with its worker, in an attempt or waiting, and its ledger closes', () => {
    const retry = { policy: 'fixed', base: '500ms', maxAttempts: 100 };
    const load = { executor: 'burst', clients: 30, window: '2s', duration: '1m' };
    const server = (_: unknown, serial: number) =>
      serial % 3 === 0 ? { ready: 5_000, cutUs: 700_000 } : { failed: 300_000 };
    const run = createLoad(retry, load, { server, workers: 2, connection: { hold: 'end' } });
    run.runAndDie(5_250_000);
    const { sessions, accounting } = run.recorder.accounting();
    expect(sessions?.lost).toBeGreaterThan(0);
    expect(sessions?.reconnects).toBeGreaterThan(0);
    expect(accounting.lost).toBeGreaterThan(0);
    expect(sessions?.lost).toBeGreaterThan(accounting.lost);
    expectLaws(run);
  });

  it('is in the ledger of its attempts, wherever its worker dies', () => {
    const retry = { policy: 'fixed', base: '100ms', maxAttempts: 2 };
    const load = { executor: 'burst', clients: 4, window: '1s', duration: '3s' };
    const server = (_: unknown, serial: number) =>
      serial % 3 === 0 ? { ready: 5_000, cutUs: 300_000 } : { failed: 30_000 };
    for (let diesAtRow = 1; diesAtRow < 60; diesAtRow++) {
      const options = { server, connection: { hold: 'end' }, diesAtRow };
      const run = createLoad(retry, load, options).runAndDie(10_000_000);
      if (run.recorder.accounting().accounting.begun > 0) expectLaws(run);
    }
  });

  it('is cancelled when gracefulStop is over', () => {
    const retry = { policy: 'fixed', base: '500ms', maxAttempts: 100 };
    const load = { executor: 'burst', clients: 30, duration: '1s', gracefulStop: '3s' };
    const run = createLoad(retry, load, { server: () => ({ failed: 100_000 }) }).run();
    expect(sessionsOf(run)).toMatchObject({ begun: 30, cancelled: 30 });
    expect(run.endUs).toBe(4_000_000);
    expectLaws(run);
  });
});

describe('100 sessions cut at once', () => {
  const HELD = { executor: 'burst', clients: 100, window: '1s', duration: '30s' };

  it('are all back: N cut, N back, and from the first cut to the last of them', () => {
    const retry = { policy: 'fixed', base: '2s' };
    const run = createLoad(retry, HELD, {
      server: ({ index }) => ({ ready: 1_000 + index * 1_000 }),
      connection: { hold: 'end' },
      workers: 3,
    });
    run.run({ atUs: 5_000_000, act: () => run.cutAll() });
    const storms = run.intervals.flatMap(({ reconnects = [] }) => reconnects);
    const whole = { firstCutUs: 5_000_000, lastCutUs: 5_000_000, endUs: 7_100_000 };
    expect(storms).toEqual([{ ...whole, cut: 100, back: 100, gaveUp: 0, ended: 0 }]);
    expect(sessionsOf(run)).toMatchObject({ begun: 200, reconnects: 100, connected: 200 });
    const { accounting, connections } = run.recorder.accounting();
    expect(connections).toMatchObject({ opened: 200, cut: 100, closed: 100 });
    expect(countEnded(accounting)).toBe(200);
    expectLaws(run);
  });

  it('try again under the policy where the server is not back yet, and some give up', () => {
    const retry = { policy: 'full-jitter', base: '100ms', cap: '1s', maxAttempts: 4 };
    const run: VirtualLoad = createLoad(retry, HELD, {
      server: () => {
        const us = run.time.nowUs;
        return us > 5_000_000 && us < 5_600_000 ? { failed: 5_000 } : { ready: 3_000 };
      },
      connection: { hold: 'end' },
    });
    run.run({ atUs: 5_000_000, act: () => run.cutAll() });
    const storms = run.intervals.flatMap(({ reconnects = [] }) => reconnects);
    const sum = (name: 'cut' | 'back' | 'gaveUp') => storms.reduce((all, it) => all + it[name], 0);
    expect(sum('cut')).toBe(100);
    expect(sum('back')).toBeGreaterThan(0);
    expect(sum('gaveUp')).toBeGreaterThan(0);
    expect(sum('back') + sum('gaveUp')).toBe(100);
    expectLaws(run);
  });

  it.each([
    { what: 'a FIN', layer: 'network', code: 'CLOSED', reconnects: 100 },
    { what: 'a shutdown', layer: 'server', code: '57P01', reconnects: 100 },
    { what: 'a crash', layer: 'server', code: '57P02', reconnects: 100 },
    { what: 'an error of the query', layer: 'server', code: '42501', reconnects: 0 },
    { what: 'a query that takes too long', layer: 'timeout', code: 'TIMEOUT', reconnects: 0 },
  ] as const)('while asking a query, by $what: $reconnects are back', (row) => {
    const { layer, code, reconnects } = row;
    const run = createLoad({ policy: 'fixed' }, HELD, { connection: { hold: 'end' } });
    const failure = { layer, phase: 'query', code, message: 'as told' } as const;
    run.run({ atUs: 5_000_000, act: () => run.cutAll(failure) });
    expect(sessionsOf(run)).toMatchObject({ reconnects, connected: 100 + reconnects });
    expect(run.recorder.accounting().connections).toMatchObject({ queryFailed: 100, cut: 0 });
    expectLaws(run);
  });

  it('stay away without a policy, and once the block is over', () => {
    const held = { connection: { hold: 'end' } };
    const none = createLoad({ policy: 'none' }, HELD, held);
    none.run({ atUs: 500_000, act: () => none.cutAll() });
    expect(sessionsOf(none).reconnects).toBe(0);
    expectLaws(none);
  });
});
