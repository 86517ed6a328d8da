import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { checkAccounting, checkSessions } from '../../src/model/accounting.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { constantRate } from '../support/run-storm.ts';
import { type Hands, runVirtually } from '../support/virtual/virtual-run.ts';
import { refuseEvery } from '../support/virtual/virtual-servers.ts';

/** Sessions, closed loops and stops of whole runs in virtual time. test/whole/sessions.test.ts has them against servers. */

type Run = Awaited<ReturnType<typeof runVirtually>>;

function expectLaws({ accounting, connections, sessions }: SummaryRecord): void {
  const complete = { complete: true };
  const options = { ...complete, sessions: sessions !== undefined };
  expect(checkAccounting(accounting, connections, options)).toEqual([]);
  if (sessions !== undefined) expect(checkSessions(sessions, accounting, complete)).toEqual([]);
}

/** What a reader makes of the records alone. */
function summariseAgain({ records, header }: Run): SummaryRecord {
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  return fold.finish();
}

describe('100 sessions whose server cuts them at once', () => {
  it('are all back, and their ledgers close', async () => {
    const run = await runVirtually(
      {
        load: { executor: 'burst', clients: 100, window: '500ms', duration: '4s' },
        connection: { hold: 'end' },
        retry: { policy: 'full-jitter', base: '300ms', timeout: '5s' },
        workers: 2,
      },
      {
        observer: ({ time, drivers }: Hands) => {
          time.at(1_000_000, () => {
            for (const driver of drivers) driver.cutAll();
          });
          return {};
        },
      },
    );
    const { summary } = run;
    expect(summary.sessions).toMatchObject({ begun: 200, reconnects: 100, connected: 200 });
    expect(summary.sessions?.reconnect).toMatchObject({ cut: 100, back: 100, gaveUp: 0, ended: 0 });
    expect(summary.sessions?.reconnect?.allBackUs).toBeGreaterThan(100_000);
    expect(summary.sessions?.reconnect?.allBackUs).toBeLessThan(302_000);
    expect(summary.connections).toMatchObject({ opened: 200, cut: 100, closed: 100 });
    expectLaws(summary);
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    expect(summariseAgain(run)).toEqual(summary);
  });
});

describe('a closed loop', () => {
  it('has service time and no latency, and judges itself by what it has', async () => {
    const load = { executor: 'constant-clients', clients: 5, duration: '2s', think: '50ms' };
    const run = await runVirtually({ load }, { servers: { direct: () => ({ ready: 200_000 }) } });
    const { summary } = run;
    expect(summary.metrics.latency).toBeUndefined();
    expect(summary.metrics.lateness).toBeUndefined();
    expect(summary.metrics.serviceTime).toMatchObject({ minUs: 200_000, maxUs: 200_000 });
    expect(summary.accounting.begun).toBe(summary.accounting.due);
    // A cycle takes 250 ms.
    expect(summary.accounting.ok).toBe(5 * 8);
    expect(summary.steps[0]?.serviceTime?.count).toBe(summary.accounting.ok);
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    expectLaws(summary);
    expect(summariseAgain(run)).toEqual(summary);
  });
});

describe('a stop condition', () => {
  const HALF = { servers: { direct: refuseEvery(2) } };
  const NOBODY = { servers: { direct: refuseEvery(1) } };

  it.each([
    {
      stop: { errorRate: 0.2, minAttempts: 10 },
      reason: /attempts failed, more than stop.errorRate 0.2/,
    },
    { stop: { after: '1s' }, reason: /^the time of stop\.after, 1 s, is over$/ },
  ])('$stop ends the run with its reason, and the laws hold', async ({ stop, reason }) => {
    const load = constantRate(40, '1m', { gracefulStop: '1s' });
    const { summary, reasons, records } = await runVirtually({ load, stop }, HALF);
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(reason);
    expect(reasons).toContain('stopCondition');
    expect(summary.accounting.due).toBeLessThan(40 * 3);
    expect(records).toContainEqual(expect.objectContaining({ type: 'decision', decision: 'stop' }));
    expectLaws(summary);
  });

  it('of failures in a row holds a retry storm', async () => {
    const { summary } = await runVirtually(
      {
        load: { executor: 'burst', clients: 20, duration: '1m' },
        retry: { policy: 'fixed', base: '200ms', timeout: '2s', maxAttempts: 1000 },
        stop: { failedInARow: 60 },
      },
      NOBODY,
    );
    expect(summary.reason).toMatch(/attempts in a row failed, as many as stop.failedInARow 60/);
    expect(summary.sessions).toMatchObject({ begun: 20, cancelled: 20, connected: 0 });
    expectLaws(summary);
  });

  it('of open connections counts those in flight too', async () => {
    const { summary, drivers } = await runVirtually({
      load: constantRate(40, '1m'),
      connection: { hold: 'end' },
      stop: { maxOpen: 30 },
    });
    expect(summary.reason).toMatch(/connections are in flight or ready, more than stop.maxOpen 30/);
    expect(drivers.map(({ openConnections }) => openConnections)).toEqual([0]);
    expectLaws(summary);
  });
});

describe('an interrupt', () => {
  it('in the midst of sessions and clients leaves no ledger open', async () => {
    const { summary, drivers } = await runVirtually(
      {
        load: {
          regulars: { executor: 'constant-clients', clients: 10, duration: '1m', think: '10ms' },
          herd: { executor: 'burst', clients: 30, window: '5s', startTime: '200ms' },
        },
        connection: { hold: '300ms' },
        retry: { policy: 'exponential', base: '50ms', timeout: '2s' },
        workers: 2,
      },
      {
        servers: {
          direct: (_attempt, serial) =>
            serial % 3 === 2 ? { failed: 1000 } : { ready: 1000, cutUs: 150_000 },
        },
        observer: ({ time, stop }: Hands) => {
          time.at(2_000_000, () => stop.abort());
          return {};
        },
      },
    );
    expect(summary.stoppedBy).toBe('signal');
    expect(summary.sessions?.reconnects).toBeGreaterThan(0);
    expect(summary.sessions?.waiting).toBe(0);
    expect(drivers.map(({ openConnections }) => openConnections)).toEqual([0, 0]);
    expectLaws(summary);
  });

  it('before T0 has run for no time', async () => {
    const { summary, records, attempts } = await runVirtually(
      { load: constantRate(100, '30s') },
      { observer: ({ stop }: Hands) => ({ started: () => stop.abort() }) },
    );
    expect(records.at(-1)).toMatchObject({ type: 'end', stoppedBy: 'signal', stopAtUs: 0 });
    expect(summary.accounting.due).toBe(0);
    expect(attempts).toEqual([]);
  });

  it('at a second signal ends everything at once, as cancelled', async () => {
    const { summary, exitCode } = await runVirtually(
      { load: constantRate(50, '60s'), connection: { timeout: '20s' } },
      {
        servers: { direct: () => ({ silent: true }) },
        observer: ({ time, stop, cancel }: Hands) => {
          time.at(1_000_000, () => stop.abort());
          time.at(1_050_000, () => cancel.abort());
          return {};
        },
      },
    );
    expect(summary.accounting.cancelled).toBe(summary.accounting.started);
    expect(summary.accounting.cancelled).toBeGreaterThan(10);
    expect(exitCode).toBe(105);
  });
});
