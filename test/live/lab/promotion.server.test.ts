import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { findTwoPrimaries } from '../../../src/analysis/figures/hosts.ts';
import type { Replica } from '../../../src/lab/postgres/replicas.ts';
import { constantRate, observe, runStorm, type Storm } from '../../support/run-storm.ts';
import { labForSuite } from '../../support/servers/lab.ts';

/** Clients that choose their host at each connect, while a hot standby of Postgres 18 is promoted. */

const lab = labForSuite();
let replica: Replica;
beforeEach(async () => {
  // The second test finds the standby promoted, as the first one left it.
  replica ??= await lab().startReplica();
});

const superuserOf = ({ url }: { url: string }): string => {
  const superuser = new URL(lab().superuserUrl);
  superuser.port = new URL(url).port;
  return superuser.href;
};

async function tell(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function storm(
  order: { url: string }[],
  parameters: string,
  scenario: Record<string, unknown>,
  act: () => Promise<void>,
): Promise<Storm> {
  const { username, password } = new URL(lab().url);
  const ports = order.map(({ url }) => new URL(url).port).join(',');
  const text = `host=127.0.0.1,127.0.0.1 port=${ports} user=${username} password=${password} dbname=storm ${parameters}`;
  let intervals = 0;
  let acting: Promise<void> | undefined;
  const observer = observe([], {
    interval: () => {
      intervals++;
      if (intervals === 2) acting = act();
    },
  });
  const told = await runStorm(text, scenario, { observer });
  await acting;
  return told;
}

const connection = { hosts: 'each-attempt', timeout: '5s' };

describe('of a primary and a standby that is promoted in mid-run', () => {
  it('both serve clients that want a primary while the old one goes on, which is told', async () => {
    const { summary, header } = await storm(
      [replica, lab()],
      'target_session_attrs=read-write load_balance_hosts=random',
      { load: constantRate(40, '6s'), connection },
      () => tell(superuserOf(replica), 'SELECT pg_promote()'),
    );
    const { accounting, hosts = [] } = summary;
    const [promoted, old] = hosts;
    expect(header.target.hostTurns?.hosts.map(({ server }) => server?.serverRole)).toEqual([
      'standby',
      'primary',
    ]);
    expect(accounting).toMatchObject({ due: 240, begun: 240, ok: 240 });
    expect(accounting.started).toBe(240 + (accounting.passedOn ?? 0));
    expect((promoted?.ok ?? 0) + (old?.ok ?? 0)).toBe(240);
    expect(promoted?.passedOn).toBeGreaterThan(0);
    expect(promoted?.ok).toBeGreaterThan(0);
    const [two, ...others] = findTwoPrimaries(header.target, hosts);
    expect(others).toEqual([]);
    expect(two?.earlier.name).toBe(old?.name);
    expect(two?.fromUs).toBe(promoted?.firstOkUs);
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });

  it('all sessions are back at the new one once the old one refuses writes and cuts them', async () => {
    const { summary } = await storm(
      [lab(), replica],
      'target_session_attrs=read-write',
      {
        load: { executor: 'burst', clients: 30, window: '500ms', duration: '6s' },
        connection: { hosts: 'each-attempt', hold: 'end' },
        retry: { policy: 'fixed', base: '100ms', timeout: '5s' },
      },
      async () => {
        const old = lab().superuserUrl;
        await tell(old, 'ALTER DATABASE storm SET default_transaction_read_only = on');
        await tell(
          old,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${new URL(lab().url).username}'`,
        );
      },
    );
    const { accounting, sessions, hosts, connections } = summary;
    expect(sessions).toMatchObject({ begun: 60, reconnects: 30, connected: 60, gaveUp: 0 });
    expect(connections).toMatchObject({ opened: 60, cut: 30 });
    expect(hosts).toMatchObject([
      { ok: 30, failed: 30, passedOn: 30 },
      { ok: 30, failed: 0 },
    ]);
    expect(accounting).toMatchObject({ ok: 60, failed: 30, passedOn: 30, started: 90 });
    expect(summary.errors).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ code: 'SESSION_ATTRS', count: 30 })]),
    );
  });
});
