import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/model/measures.ts';
import { constantRate } from '../support/run-storm.ts';
import type { Fate } from '../support/virtual/simulated-driver.ts';
import { runVariantsVirtually, runVirtually } from '../support/virtual/virtual-run.ts';

/** Whole runs in virtual time whose clients choose their host at each connect. */

const connection = { hosts: 'each-attempt', timeout: '500ms' };
const load = constantRate(100, '1s');
const WRONG: Failure = { layer: 'server', phase: 'ready', code: 'SESSION_ATTRS', message: 'no' };
const FULL: Failure = { layer: 'server', phase: 'ready', code: '53300', message: 'full' };
const DOWN: Failure = { layer: 'network', phase: 'tcp', code: 'ECONNREFUSED', message: 'refused' };
const PRIMARY = { count: 2, parameters: '&target_session_attrs=primary' };

const byHost =
  (...fates: Fate[]) =>
  ({ place }: { place: { host: number } }): Fate => {
    const fate = fates[place.host];
    if (fate === undefined) throw new Error('there is no such host');
    return fate;
  };

describe('clients that take two hosts in turn', () => {
  it('reach the second one after the first refuses, each try an attempt of its own', async () => {
    const { summary, header } = await runVirtually(
      { load, connection },
      {
        servers: { direct: byHost({ failed: 1_000, failure: DOWN }, { ready: 5_000 }) },
        hosts: { count: 2 },
      },
    );
    expect(header.version).toBe(3);
    expect(summary.accounting).toEqual({
      due: 100,
      dropped: 0,
      begun: 100,
      started: 200,
      ok: 100,
      failed: 100,
      passedOn: 100,
      abandoned: 0,
      cancelled: 0,
      lost: 0,
      inFlight: 0,
    });
    expect(summary.hosts).toMatchObject([
      { name: '127.0.0.1:5001', started: 100, ok: 0, failed: 100, passedOn: 100 },
      { name: '127.0.0.1:6001', started: 100, ok: 100, failed: 0, passedOn: 0 },
    ]);
    expect(summary.validity.reasons).toEqual([]);
    expect(summary.errors).toMatchObject([{ code: 'ECONNREFUSED', count: 100 }]);
    // From the schedule to the end of the last try; the try itself is the service time.
    expect(summary.metrics.latency).toMatchObject({
      count: 100,
      minUs: 6_000,
      maxUs: 6_000,
      censored: 0,
    });
    expect(summary.metrics.serviceTime).toMatchObject({ count: 100, minUs: 5_000, maxUs: 5_000 });
    expect(summary.metrics.lateness).toMatchObject({ count: 100, maxUs: 0 });
    expect(summary.slowest?.meanUs).toMatchObject({ lateness: 0, earlierHosts: 1_000 });
  });

  it('wait for the timeout of a host that hangs, and only then go on', async () => {
    const { summary } = await runVirtually(
      { load, connection },
      { servers: { direct: byHost({ silent: true }, { ready: 5_000 }) }, hosts: { count: 2 } },
    );
    expect(summary.accounting).toMatchObject({ ok: 100, failed: 100, passedOn: 100 });
    expect(summary.metrics.latency).toMatchObject({ minUs: 505_000, maxUs: 505_000, censored: 0 });
    expect(summary.validity.reasons).toEqual([]);
  });

  it('fail for good only after the last host', async () => {
    const { summary } = await runVirtually(
      { load, connection },
      {
        servers: {
          direct: byHost({ failed: 1_000, failure: WRONG }, { failed: 1_000, failure: WRONG }),
        },
        hosts: PRIMARY,
      },
    );
    expect(summary.accounting).toMatchObject({ started: 200, ok: 0, failed: 200, passedOn: 100 });
    expect(summary.hosts).toMatchObject([{ passedOn: 100 }, { failed: 100, passedOn: 0 }]);
  });

  it('end at a host that refuses the login, as libpq does', async () => {
    const { summary } = await runVirtually(
      { load, connection },
      {
        servers: { direct: byHost({ failed: 1_000, failure: FULL }, { ready: 1_000 }) },
        hosts: { count: 2 },
      },
    );
    expect(summary.accounting).toMatchObject({ started: 100, failed: 100, passedOn: 0 });
    expect(summary.hosts).toMatchObject([{ started: 100 }, { started: 0 }]);
  });

  it('pass budgets on failures and latency that only single tries break', async () => {
    const { summary } = await runVirtually(
      { load, connection, budgets: ['failed rate < 1%', 'latency p(99) < 10ms', 'ok rate > 99%'] },
      {
        servers: { direct: byHost({ failed: 1_000, failure: WRONG }, { ready: 5_000 }) },
        hosts: PRIMARY,
      },
    );
    expect(summary.budgets.map(({ verdict, of }) => [verdict, of])).toEqual([
      ['pass', 100],
      ['pass', 100],
      ['pass', 100],
    ]);
  });

  it('find the new primary when the roles change in mid-run, none lost and none counted twice', async () => {
    const roles = { primary: 0 };
    const { summary } = await runVirtually(
      {
        load: constantRate(100, '4s'),
        connection,
        retry: { policy: 'fixed', base: '100ms', timeout: '500ms', maxAttempts: 20 },
      },
      {
        servers: {
          direct: ({ place }, _, nowUs) => {
            if (nowUs < 2_000_000) roles.primary = 0;
            else roles.primary = nowUs < 3_000_000 ? -1 : 1;
            return place.host === roles.primary
              ? { ready: 2_000 }
              : { failed: 1_000, failure: WRONG };
          },
        },
        hosts: PRIMARY,
      },
    );
    const { accounting, sessions, hosts = [] } = summary;
    expect(accounting).toMatchObject({ due: 400, begun: 400, ok: 400 });
    expect(sessions).toMatchObject({ begun: 400, connected: 400, gaveUp: 0, waiting: 0 });
    const [old, young] = hosts;
    expect((old?.ok ?? 0) + (young?.ok ?? 0)).toBe(400);
    expect(old?.lastOkUs).toBeLessThan(young?.firstOkUs ?? 0);
    expect(summary.validity.reasons).toEqual([]);
    // Of connected sessions, the tries at all hosts: as many as were started.
    expect(sessions?.attempts).toBe(accounting.started);
  });

  it('spend one connect of the policy on all hosts, and one wait on each connect', async () => {
    const { summary, attempts } = await runVirtually(
      {
        load: constantRate(1, '1s'),
        connection,
        retry: { policy: 'fixed', base: '100ms', timeout: '500ms', maxAttempts: 3 },
      },
      {
        servers: {
          direct: byHost({ failed: 1_000, failure: WRONG }, { failed: 1_000, failure: WRONG }),
        },
        hosts: PRIMARY,
      },
    );
    expect(attempts.map(({ place }) => place.host)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(summary.sessions).toMatchObject({ begun: 1, gaveUp: 1 });
    expect(summary.accounting).toMatchObject({ started: 6, failed: 6, passedOn: 3 });
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });

  it('are counted by client in a closed loop, whose cycle goes on after the last host', async () => {
    const { summary } = await runVirtually(
      {
        load: { executor: 'constant-clients', clients: 5, duration: '1s' },
        connection: { ...connection, hold: '50ms' },
      },
      {
        servers: { direct: byHost({ failed: 1_000, failure: WRONG }, { ready: 5_000 }) },
        hosts: PRIMARY,
      },
    );
    const { started, begun, ok, passedOn } = summary.accounting;
    expect(started).toBe(begun + (passedOn ?? 0));
    expect(passedOn).toBe(begun);
    expect(ok).toBe(begun);
    expect(summary.validity.reasons).toEqual([]);
  });

  it('spread over all hosts that fit where the order is drawn', async () => {
    const { summary } = await runVirtually(
      { load: constantRate(1_000, '1s'), connection },
      {
        servers: { direct: byHost({ ready: 1_000 }, { ready: 1_000 }) },
        hosts: { count: 2, parameters: '&load_balance_hosts=random' },
      },
    );
    for (const { ok, failed } of summary.hosts ?? []) {
      // Half of 1,000; 80 are five standard deviations.
      expect(Math.abs(ok - 500)).toBeLessThan(80);
      expect(failed).toBe(0);
    }
  });

  it('keep the counts of each worker and of each variant', async () => {
    const { summary } = await runVariantsVirtually(
      { load, workers: 3, repeat: 2, variants: { turns: { connection }, fixed: {} } },
      {
        servers: { direct: byHost({ failed: 1_000, failure: DOWN }, { ready: 5_000 }) },
        hosts: { count: 2 },
      },
    );
    const { turns, fixed } = summary.variants;
    expect(turns?.hosts).toMatchObject([{ failed: 200, passedOn: 200 }, { ok: 200 }]);
    expect(turns?.hosts?.[1]).not.toHaveProperty('firstOkUs');
    expect(fixed).not.toHaveProperty('hosts');
    expect(fixed?.accounting).not.toHaveProperty('passedOn');
    expect(summary.accounting).toMatchObject({ started: 600, passedOn: 200 });
  });
});
