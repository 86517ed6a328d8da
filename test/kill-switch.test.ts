import { describe, expect, it, onTestFinished } from 'vitest';
import { isRefusal } from '../src/probes/witness.ts';
import { checkAccounting } from '../src/result/accounting.ts';
import type { Failure } from '../src/result/measures.ts';
import type { WatchRecord } from '../src/result/samples.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  waitForCounters,
} from './support/known-server.ts';
import { constantRate, observe, runStorm, runVariants, type Storm } from './support/run-storm.ts';

let server: KnownServer;
const start = async (behaviour: Behaviour = {}): Promise<string> => {
  server = await startDuring(onTestFinished, behaviour);
  return server.url;
};

/** The preflight's two connections and the canary's. */
const BEFORE = 3;
const HELD = {
  load: { executor: 'burst', clients: 20, duration: '1m' },
  connection: { hold: 'end' },
};

function expectKilled({ summary, records, reasons }: Storm): void {
  expect(summary.stoppedBy).toBe('condition');
  // A busy machine may have made the run invalid beside, which outranks it.
  expect(reasons).toContain('stopCondition');
  expect(records).toContainEqual(expect.objectContaining({ type: 'decision', decision: 'kill' }));
  const { accounting, connections } = summary;
  expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
  expect(summary.rates.windowUs).toBeLessThan(50_000_000);
}

describe('the kill switch', () => {
  it("ends the run when other clients' new connections are refused", async () => {
    const url = await start({ spareFirst: BEFORE + 20, refuseEvery: 1 });
    const run = await runStorm(url, { ...HELD, killSwitch: true });
    const { summary } = run;
    expect(summary.reason).toMatch(/^kill switch: new connections of others are refused \(53300/);
    const { ok, failed } = summary.accounting;
    expect(ok + failed).toBe(20);
    // One of those that are let in may have been another client already.
    expect(failed).toBeLessThanOrEqual(1);
    expectKilled(run);
  });

  it('leaves a storm alone that is to go beyond the slots', async () => {
    const url = await start({ postmaster: { serialMs: 1, slots: BEFORE + 5 } });
    const load = { executor: 'burst', clients: 20, duration: '3s', maxInFlight: 20 };
    const storm = { load, connection: { hold: 'end' }, killSwitch: true };
    const { summary, records } = await runStorm(url, storm, { beyondSlots: true });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.accounting.failed).toBeGreaterThan(0);
    // The witness was refused, too, and that is in what it saw.
    const seen = records.filter((it): it is WatchRecord => it.type === 'watch');
    expect(seen.some(({ witness }) => witness.failed > 0)).toBe(true);
  });

  it('ends the run when the canary dies', async () => {
    const url = await start();
    const storm = runStorm(url, { ...HELD, killSwitch: true });
    await waitForCounters(server, ({ logins }) => logins >= BEFORE + 20);
    await server.cutAll();
    const run = await storm;
    const { summary } = run;
    expect(summary.reason).toMatch(/^kill switch: the canary died \(57P01 terminating connection/);
    expectKilled(run);
  });

  it.each([
    [
      'the canary waits too long for answers',
      { queryDelayMs: 150 },
      { canary: '100ms' },
      /^kill switch: the canary waited for answers longer than 100 ms 3 times in a row, up to [\d.]+ m?s \(killSwitch\.canary\)$/,
    ],
    [
      'new connections take too long',
      { readyDelayMs: 150 },
      { witness: '100ms' },
      /^kill switch: new connections of others took longer than 100 ms 3 times in a row, up to [\d.]+ m?s \(killSwitch\.witness\)$/,
    ],
  ])('ends the run when %s', async (_, behaviour, killSwitch, reason) => {
    const url = await start(behaviour);
    const run = await runStorm(url, { ...HELD, killSwitch });
    expect(run.summary.reason).toMatch(reason);
    expectKilled(run);
    const { watch } = run.summary;
    expect(Math.max(watch?.canary.maxUs ?? 0, watch?.witness.maxUs ?? 0)).toBeGreaterThan(100_000);
  });

  it('ends the step of a search, which goes on when the target is in time again', async () => {
    const url = await start();
    const load = {
      executor: 'saturation-search',
      stepDuration: '3s',
      startRate: 20,
      maxRate: 30,
      growth: 1.5,
    };
    let steps = 0;
    const observer = observe([], {
      stepOpened: () => {
        steps++;
        if (steps === 2) void server.stallFor(1500).catch(() => {});
      },
    });
    const storm = { load: { ...load, maxDuration: '20s' }, killSwitch: { canary: '200ms' } };
    const { summary, records } = await runStorm(url, storm, { observer });
    const decisions = records.filter((it) => it.type === 'decision');
    const ended = decisions.find(({ decision }) => decision === 'endStep');
    expect(ended?.reason).toMatch(/^kill switch: the canary waited for answers longer than 200 ms/);
    expect(decisions.some(({ decision }) => decision === 'kill' || decision === 'notBack')).toBe(
      false,
    );
    expect(summary.stoppedBy).toBe('end');
    // The step was no longer than until then.
    const step = summary.steps[1];
    expect(step?.toUs).toBe(ended?.atUs);
    // It was not sustained (or disturbed, where other tests took the CPU), and the next ones were run.
    const votes = summary.capacity?.curve.map(({ bad, unsure = 0 }) => bad + unsure) ?? [];
    expect(Math.max(...votes)).toBeGreaterThan(0);
    expect(summary.steps.length).toBeGreaterThan(2);
    expect(checkAccounting(summary.accounting, summary.connections, { complete: true })).toEqual(
      [],
    );
  });

  it('ends a search whose target is too slow before anything is asked of it', async () => {
    const url = await start({ queryDelayMs: 300 });
    const load = { executor: 'saturation-search', stepDuration: '3s', startRate: 20, maxRate: 20 };
    const { summary } = await runStorm(url, { load, killSwitch: { canary: '100ms' } });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(
      /^kill switch: the canary waited for answers longer than 100 ms/,
    );
  });

  it('gives a search up whose target is no faster later', async () => {
    const url = await start();
    const load = { executor: 'saturation-search', stepDuration: '3s', startRate: 20, maxRate: 20 };
    const observer = observe([], {
      stepOpened: () => void server.stallFor(14_000).catch(() => {}),
    });
    const storm = { load: { ...load, maxDuration: '40s' }, killSwitch: { canary: '200ms' } };
    const { summary } = await runStorm(url, storm, { observer });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.steps).toHaveLength(1);
    expect(summary.capacity?.reason).toMatch(
      /^the target gave out: kill switch: .*; 10 s later it was no faster$/,
    );
  });

  it('ends a run of variants with its leg: no other is begun', async () => {
    const url = await start({ spareFirst: BEFORE + 20, refuseEvery: 1 });
    const scenario = { ...HELD, killSwitch: true, variants: { a: {}, b: {} } };
    const { summary, records } = await runVariants([url], scenario);
    expect(records.filter(({ type }) => type === 'leg')).toHaveLength(1);
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^kill switch: /);
    expect(summary.variants.b?.rounds).toEqual([]);
  });

  it.each(['the last arrival', 'Ctrl-C'])(
    'ends at once what still drains after %s',
    async (what) => {
      const url = await start({ spareFirst: BEFORE, fault: { at: 'startup', how: 'silence' } });
      const stop = new AbortController();
      let seen = 0;
      const observer = observe([], {
        interval: () => {
          seen++;
          if (what === 'Ctrl-C') stop.abort();
          if (seen === 2) void server.cutAll();
        },
      });
      const load = { executor: 'burst', clients: 20, window: '1s', gracefulStop: '15s' };
      const storm = { load, connection: { timeout: '15s' }, killSwitch: true };
      const { summary, records } = await runStorm(url, storm, { observer, stop: stop.signal });
      // The first reason to stop stays.
      expect(summary.stoppedBy).toBe(what === 'Ctrl-C' ? 'signal' : 'condition');
      expect(records).toContainEqual(
        expect.objectContaining({ type: 'decision', decision: 'kill' }),
      );
      expect(summary.accounting).toMatchObject({ begun: 20, cancelled: 20 });
    },
  );

  it('leaves a run alone whose server serves others too, and tells what it saw', async () => {
    const url = await start({ queryDelayMs: 5 });
    const load = constantRate(20, '4s');
    const { summary, records } = await runStorm(url, { load, killSwitch: true });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.accounting).toMatchObject({ due: 80, ok: 80 });
    const seen = records.filter((it): it is WatchRecord => it.type === 'watch');
    const answered = seen.reduce((sum, { canary }) => sum + canary.answered, 0);
    const connected = seen.reduce((sum, { witness }) => sum + witness.connected, 0);
    expect(answered).toBeGreaterThan(1);
    expect(connected).toBeGreaterThan(0);
    for (const { canary } of seen) {
      if (canary.answered > 0) expect(canary.meanUs).toBeGreaterThanOrEqual(5_000);
    }
    // It took its leave: nothing is open, and nobody went without Terminate.
    const { abandoned } = await waitForCounters(server, ({ open }) => open === 0);
    expect(abandoned).toBe(0);
  });

  it('is on unless told otherwise', async () => {
    const url = await start();
    const load = constantRate(20, '300ms');
    const on = await runStorm(url, { load, killSwitch: undefined });
    const off = await runStorm(url, { load, killSwitch: false });
    const said = (notes: string[]): boolean => notes.join().includes('the kill switch watches');
    expect([said(on.notes), said(off.notes)]).toEqual([true, false]);
    expect(off.records.some(({ type }) => type === 'watch')).toBe(false);
  });

  it('that cannot connect its canary keeps the run from starting', async () => {
    const url = await start({ spareFirst: BEFORE - 1, refuseEvery: 1 });
    const storm = runStorm(url, { ...HELD, killSwitch: true });
    await expect(storm).rejects.toThrow(/the kill switch could not connect its canary: 53300/);
  });
});

describe('isRefusal', () => {
  const failure = (code: string, message: string): Failure => ({
    layer: 'server',
    phase: 'ready',
    code,
    message,
  });

  it.each([
    [failure('53300', 'sorry, too many clients already'), true],
    [failure('57P03', 'the database system is shutting down'), true],
    [failure('08P01', 'no more connections allowed (max_client_conn)'), true],
    [failure('28P01', 'password authentication failed'), false],
    [{ ...failure('ECONNRESET', 'read ECONNRESET'), layer: 'network' } as const, false],
  ])('%j: %s', (it, refused) => {
    expect(isRefusal(it)).toBe(refused);
  });
});
