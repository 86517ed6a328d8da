import { describe, expect, it, type TestContext } from 'vitest';
import { readMonotonicUs } from '../../../src/clock.ts';
import { checkAccounting } from '../../../src/model/accounting.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { Probes } from '../../../src/probes/probes.ts';
import { isRefusal } from '../../../src/probes/server/witness.ts';
import type { WatchRecord } from '../../../src/result/records/samples.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import {
  constantRate,
  observe,
  runStorm,
  runVariants,
  type Storm,
} from '../../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  waitForCounters,
} from '../../support/servers/known-server.ts';

/** Each test has a server of its own: they mostly wait, and several run at a time. */
const start = (
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  behaviour: Behaviour = {},
): Promise<KnownServer> => startDuring(onTestFinished, behaviour);

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

describe.concurrent('the kill switch', () => {
  /** Lets the whole storm in and then nobody: how many others were let in until then depends on the machine's speed. */
  const runUntilFull = (server: KnownServer, how: 'refuse' | 'close'): Promise<Storm> => {
    let connected = 0;
    const observer = observe([], {
      interval: ({ steps }) => {
        connected += steps.reduce((sum, { counts }) => sum + counts.ok, 0);
        if (connected === 20) void server.fill(how);
      },
    });
    return runStorm(server.url, { ...HELD, killSwitch: true }, { observer });
  };

  it("ends the run when other clients' new connections are refused", async (context) => {
    const server = await start(context);
    const run = await runUntilFull(server, 'refuse');
    const { summary } = run;
    expect(summary.reason).toMatch(
      /^kill switch: new connections beside the storm are refused \(53300 .*\): raise max_connections, limit what may be open at once \(load\.maxInFlight, and load\.maxOpen for connections that are held\), or shorten connection\.hold\. If nobody else needs the target, set load\.maxInFlight and --beyond-slots/,
    );
    expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
    expect((await server.counters()).refusals).toBeGreaterThan(0);
    expectKilled(run);
  });

  it("ends the run when other clients' new connections are closed without a word", async (context) => {
    const server = await start(context);
    const run = await runUntilFull(server, 'close');
    expect(run.summary.reason).toBe(
      'kill switch: new connections beside the storm have failed 3 times in a row (CLOSED the server closed the connection (it accepted the connection and sent nothing)): lower the load, or check what refuses them (a proxy at its limit, a server that went down)',
    );
    expect(run.summary.accounting).toMatchObject({ ok: 20, failed: 0 });
    // Another may have come before a busy machine had ended the run.
    expect((await server.counters()).faults).toBeGreaterThanOrEqual(3);
    expectKilled(run);
  });

  it('leaves a storm alone that is to go beyond the slots', async (context) => {
    const server = await start(context, { postmaster: { serialMs: 1, slots: BEFORE + 5 } });
    const load = { executor: 'burst', clients: 20, duration: '3s', maxInFlight: 20 };
    const storm = { load, connection: { hold: 'end' }, killSwitch: true };
    const { summary, records } = await runStorm(server.url, storm, { beyondSlots: true });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.accounting.failed).toBeGreaterThan(0);
    // The witness was refused, too, and that is in what it saw.
    const seen = records.filter((it): it is WatchRecord => it.type === 'watch');
    expect(seen.some(({ witness }) => witness.failed > 0)).toBe(true);
  });

  it('tells of the refusal of a new connection that came just before the end', async (context) => {
    const server = await start(context, { spareFirst: 1, refuseEvery: 1 });
    const target = (await resolveTarget({ text: server.url, env: {} }))?.hosts[0]?.target;
    if (target === undefined) throw new Error('no target');
    const probes = await Probes.start({
      endpoint: target,
      isEncrypted: false,
      timeoutUs: 10_000_000,
      watch: { canaryUs: 60_000_000, witnessUs: 60_000_000, endsStep: false },
      isFullExpected: true,
      sampled: undefined,
    });
    let failed = 0;
    probes.listen({
      t0Us: readMonotonicUs(),
      told: () => {},
      seen: ({ witness }) => {
        failed += witness.failed;
      },
      alarmed: () => {},
      slowed: () => {},
      cameBack: () => {},
    });
    await waitForCounters(server, ({ refusals }) => refusals === 1);
    await probes.stop();
    expect(failed).toBe((await server.counters()).refusals);
  });

  it('ends the run when the canary dies', async (context) => {
    const server = await start(context);
    const storm = runStorm(server.url, { ...HELD, killSwitch: true });
    await waitForCounters(server, ({ logins }) => logins >= BEFORE + 20);
    await server.cutAll();
    const run = await storm;
    const { summary } = run;
    expect(summary.reason).toMatch(
      /^kill switch: the canary lost its connection \(57P01 terminating connection/,
    );
    expectKilled(run);
  });

  it.for<[string, Behaviour, Record<string, string>, RegExp]>([
    [
      'the canary waits too long for answers',
      { queryDelayMs: 150 },
      { canary: '100ms' },
      /^kill switch: the canary (waited for|has had no) (an )?answers?\b.*100 ms.* \(killSwitch\.canary\): see whether the target still answers/,
    ],
    [
      'new connections take too long',
      { readyDelayMs: 150 },
      { witness: '100ms' },
      /^kill switch: (a new connection|new connections) beside the storm .*100 ms.* \(killSwitch\.witness\): see whether the target still answers/,
    ],
  ])('ends the run when %s', async ([, behaviour, killSwitch, reason], context) => {
    const server = await start(context, behaviour);
    const run = await runStorm(server.url, { ...HELD, killSwitch });
    expect(run.summary.reason).toMatch(reason);
    expectKilled(run);
    // On a busy machine a single wait may be several limits long: it is told as one.
    const longest = /(?:up to|for|took) ([\d.]+) (m?s)/;
    const [, figure, unit] = longest.exec(run.summary.reason ?? '') ?? [];
    const slowestMs = Number(figure) * (unit === 's' ? 1000 : 1);
    expect(slowestMs).toBeGreaterThanOrEqual(150);
    // It may have been too slow before the storm began: that is in the result all the same, and agrees with the reason.
    const name = 'canary' in killSwitch ? 'canary' : 'witness';
    const seenUs = run.summary.watch?.[name].maxUs ?? 0;
    expect(seenUs / 1000).toBeGreaterThanOrEqual(slowestMs * 0.99);
  });

  it('ends a run of variants with its leg: no other is begun', async (context) => {
    const server = await start(context, { spareFirst: BEFORE + 20, refuseEvery: 1 });
    const scenario = { ...HELD, killSwitch: true, variants: { a: {}, b: {} } };
    const { summary, records } = await runVariants([server.url], scenario);
    expect(records.filter(({ type }) => type === 'leg')).toHaveLength(1);
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^kill switch: /);
    expect(summary.variants.b?.rounds).toEqual([]);
  });

  it.for(['the last arrival', 'Ctrl-C'])(
    'ends at once what still drains after %s',
    async (what, context) => {
      const server = await start(context, {
        spareFirst: BEFORE,
        fault: { at: 'startup', how: 'silence' },
      });
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
      const { summary, records } = await runStorm(server.url, storm, {
        observer,
        stop: stop.signal,
      });
      // The first reason to stop stays.
      expect(summary.stoppedBy).toBe(what === 'Ctrl-C' ? 'signal' : 'condition');
      expect(records).toContainEqual(
        expect.objectContaining({ type: 'decision', decision: 'kill' }),
      );
      expect(summary.accounting).toMatchObject({ begun: 20, cancelled: 20 });
    },
  );

  it('leaves a run alone whose server serves others too, and tells what it saw', async (context) => {
    const server = await start(context, { queryDelayMs: 5 });
    const load = constantRate(20, '2s');
    const { summary, records } = await runStorm(server.url, { load, killSwitch: true });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
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

  it('is on unless told otherwise', async (context) => {
    const server = await start(context);
    const load = constantRate(20, '300ms');
    const on = await runStorm(server.url, { load, killSwitch: undefined });
    const off = await runStorm(server.url, { load, killSwitch: false });
    const said = (notes: string[]): boolean => notes.join().includes('the kill switch watches');
    expect([said(on.notes), said(off.notes)]).toEqual([true, false]);
    expect(off.records.some(({ type }) => type === 'watch')).toBe(false);
  });

  it('that cannot connect its canary keeps the run from starting', async (context) => {
    const server = await start(context, { spareFirst: BEFORE - 1, refuseEvery: 1 });
    const storm = runStorm(server.url, { ...HELD, killSwitch: true });
    await expect(storm).rejects.toThrow(
      /the kill switch could not connect its canary: 53300 .*: wait for free connection slots or raise/,
    );
  });

  const DOWN = { at: 'query', code: '08P01', message: 'server login has been failing' } as const;

  it.for<[string, Behaviour, RegExp]>([
    [
      'a pooler whose server is down',
      { refuseEvery: 1, refusal: DOWN },
      /its canary: 08P01 .*: the pooler cannot reach or log in to its own server: see its log/,
    ],
    [
      'one that ends the connection',
      { fault: { at: 'query', how: 'close' } },
      /its canary: .*: the target accepted a login just before: see its log, and repeat the run/,
    ],
  ])('says how to go on where the target is now %s', async ([, behaviour, message], context) => {
    const { url } = await start(context, { spareFirst: BEFORE - 1, ...behaviour });
    await expect(runStorm(url, { ...HELD, killSwitch: true })).rejects.toThrow(message);
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
