import { describe, expect, it, onTestFinished } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { checkAccounting, checkSessions } from '../../src/model/accounting.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { constantRate, runStorm, type Storm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startForRun,
  waitForCounters,
} from '../support/servers/known-server.ts';

/** Sessions, closed loops and stops against a server that is known. */

let server: KnownServer;
const start = async (behaviour: Behaviour = {}): Promise<string> => {
  server = await startForRun(onTestFinished, behaviour);
  return server.url;
};

function expectLaws({ accounting, connections, sessions }: SummaryRecord): void {
  const complete = { complete: true };
  const options = { ...complete, sessions: sessions !== undefined };
  expect(checkAccounting(accounting, connections, options)).toEqual([]);
  if (sessions !== undefined) expect(checkSessions(sessions, accounting, complete)).toEqual([]);
}

/** What a reader makes of the records alone. */
function summariseAgain({ records, header }: Storm): SummaryRecord {
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  return fold.finish();
}

describe('100 sessions whose server cuts them at once', () => {
  it('are all back, and their ledgers close', async () => {
    const url = await start();
    const storm = runStorm(url, {
      load: { executor: 'burst', clients: 100, window: '500ms', duration: '4s' },
      connection: { hold: 'end' },
      retry: { policy: 'full-jitter', base: '300ms', timeout: '5s' },
      workers: 2,
    });
    await waitForCounters(server, ({ logins }) => logins === 102);
    expect(await server.cutAll()).toBe(100);
    const run = await storm;
    const { summary } = run;
    expect(summary.sessions).toMatchObject({ begun: 200, reconnects: 100, connected: 200 });
    expect(summary.sessions?.reconnect).toMatchObject({ cut: 100, back: 100, gaveUp: 0, ended: 0 });
    expect(summary.sessions?.reconnect?.allBackUs).toBeGreaterThan(100_000);
    expect(summary.sessions?.reconnect?.allBackUs).toBeLessThan(4_000_000);
    expect(summary.connections).toMatchObject({ opened: 200, cut: 100, closed: 100 });
    expectLaws(summary);
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
    expect(summariseAgain(run)).toEqual({ ...summary, exitCode: expect.any(Number) });
  });
});

describe('a closed loop', () => {
  it('has service time and no latency, and judges itself by what it has', async () => {
    // So slow that nothing beside it makes the run invalid.
    const url = await start({ startupDelayMs: 200 });
    const load = { executor: 'constant-clients', clients: 5, duration: '2s', think: '50ms' };
    // Each client waits until the server has closed. Otherwise a busy server counts former connections as open.
    const run = await runStorm(url, { load, connection: { close: 'server-first' } });
    const { summary } = run;
    expect(summary.metrics.latency).toBeUndefined();
    expect(summary.metrics.lateness).toBeUndefined();
    expect(summary.metrics.serviceTime?.p50Us).toBeGreaterThanOrEqual(200_000);
    expect(summary.accounting.begun).toBe(summary.accounting.due);
    // A cycle takes 250 ms at least.
    expect(summary.accounting.ok).toBeLessThanOrEqual(5 * 8);
    expect(summary.accounting.ok).toBeGreaterThan(5);
    expect(summary.steps[0]?.serviceTime?.count).toBe(summary.accounting.ok);
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    expect((await server.counters()).maxOpen).toBeLessThanOrEqual(5);
    expectLaws(summary);
    expect(summariseAgain(run)).toEqual({ ...summary, exitCode: expect.any(Number) });
  });
});

describe('a stop condition', () => {
  it('ends the run with its reason, and the laws hold', async () => {
    const url = await start({ refuseEvery: 2 });
    const { summary, reasons, records } = await runStorm(url, {
      load: constantRate(40, '1m', { gracefulStop: '1s' }),
      stop: { errorRate: 0.2, minAttempts: 10 },
    });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/attempts failed, more than stop.errorRate 0.2/);
    expect(reasons).toContain('stopCondition');
    expect(summary.accounting.due).toBeLessThan(40 * 30);
    expect(records).toContainEqual(expect.objectContaining({ type: 'decision', decision: 'stop' }));
    expectLaws(summary);
  });

  it('of failures in a row holds a retry storm', async () => {
    const url = await start({ refuseEvery: 1 });
    const { summary } = await runStorm(url, {
      load: { executor: 'burst', clients: 20, duration: '1m' },
      retry: { policy: 'fixed', base: '200ms', timeout: '2s', maxAttempts: 1000 },
      stop: { failedInARow: 60 },
    });
    expect(summary.reason).toMatch(/attempts in a row failed, as many as stop.failedInARow 60/);
    expect(summary.sessions).toMatchObject({ begun: 20, cancelled: 20, connected: 0 });
    expectLaws(summary);
  });
});

describe('an interrupt', () => {
  it('in the midst of sessions and clients leaves no ledger open', async () => {
    const url = await start({ refuseEvery: 3, cutAfterMs: 150 });
    const stop = new AbortController();
    const storm = runStorm(
      url,
      {
        load: {
          regulars: { executor: 'constant-clients', clients: 10, duration: '1m', think: '10ms' },
          herd: { executor: 'burst', clients: 30, window: '5s', startTime: '200ms' },
        },
        connection: { hold: '300ms' },
        retry: { policy: 'exponential', base: '50ms', timeout: '2s' },
        workers: 2,
      },
      { stop: stop.signal },
    );
    await waitForCounters(server, ({ logins }) => logins > 60);
    stop.abort();
    const { summary } = await storm;
    expect(summary.stoppedBy).toBe('signal');
    expect(summary.sessions?.reconnects).toBeGreaterThan(0);
    expect(summary.sessions?.waiting).toBe(0);
    expectLaws(summary);
  });
});
