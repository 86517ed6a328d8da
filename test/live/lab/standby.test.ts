import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { tryLogin } from '../../../src/drivers/try-login.ts';
import type { Replica } from '../../../src/lab/postgres/replicas.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { chooseHosts } from '../../../src/targets/visit/choose-hosts.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { constantRate, runStorm } from '../../support/run-storm.ts';
import { labForSuite } from '../../support/servers/lab.ts';

/** Several hosts, as target_session_attrs tells them apart: a Postgres 18 and a hot standby that follows it. */

type Role = 'primary' | 'standby';
const lab = labForSuite();
let replica: Replica;
beforeAll(async () => {
  replica = await lab().startReplica();
});

const portOf = (role: Role): string => new URL((role === 'primary' ? lab() : replica).url).port;

/** A connection string that names both, in this order. */
function nameBoth(order: [Role, Role], attrs: string): string {
  const { username, password } = new URL(lab().url);
  const ports = order.map(portOf).join(',');
  return `host=127.0.0.1,127.0.0.1 port=${ports} user=${username} password=${password} dbname=storm target_session_attrs=${attrs}`;
}

async function visit(text: string) {
  const resolved = await resolveTarget({ text, env: { PGPASSFILE: '/nonexistent' } });
  if (resolved === undefined) throw new Error('no target');
  return (await chooseHosts(resolved, { timeoutUs: 10_000_000 })).chosen;
}

async function choose(text: string): Promise<string> {
  const [{ target }] = await visit(text);
  return String(target.port);
}

describe('of a primary and a hot standby', () => {
  it.each<[string, Role, Role]>([
    ['any', 'primary', 'standby'],
    ['primary', 'primary', 'primary'],
    ['standby', 'standby', 'standby'],
    ['read-write', 'primary', 'primary'],
    ['read-only', 'standby', 'standby'],
    ['prefer-standby', 'standby', 'standby'],
  ])(
    'target_session_attrs=%s takes the %s, and named the other way round the %s',
    async (...row) => {
      const [attrs, role, otherWay] = row;
      expect(await choose(nameBoth(['primary', 'standby'], attrs))).toBe(portOf(role));
      expect(await choose(nameBoth(['standby', 'primary'], attrs))).toBe(portOf(otherWay));
    },
  );

  it('a primary that only reads is read-only, yet no standby', async () => {
    await asSuperuser('ALTER DATABASE storm SET default_transaction_read_only = on');
    try {
      expect(await choose(nameBoth(['primary', 'standby'], 'read-only'))).toBe(portOf('primary'));
      expect(await choose(nameBoth(['primary', 'standby'], 'standby'))).toBe(portOf('standby'));
    } finally {
      await asSuperuser('ALTER DATABASE storm RESET default_transaction_read_only');
    }
  });

  it('each is another running server, though the standby is a copy', async () => {
    const text = `${nameBoth(['primary', 'standby'], 'any')} load_balance_hosts=random`;
    const chosen = await visit(text);
    const [primary, standby] = chosen.map(({ server }) => server.instance);
    expect(primary?.split('/')[0]).toMatch(/^\d+$/);
    expect(standby?.split('/')[0]).toBe(primary?.split('/')[0]);
    expect(standby).not.toBe(primary);
  });

  it.each<Role>(['primary', 'standby'])('the %s is said to be one', async (role) => {
    const resolved = await resolveTarget({ text: nameBoth([role, role], 'any'), env: {} });
    const [host] = resolved?.hosts ?? [];
    if (host === undefined) throw new Error('no target');
    const timeoutUs = 10_000_000;
    const told = await preflight(host.target, host.addresses, { timeoutUs });
    expect(told.server.serverRole).toBe(role);
    // As before PostgreSQL 14, or behind a pooler that does not hand on in_hot_standby.
    const login: typeof tryLogin = async (...args) => {
      const found = await tryLogin(...args);
      return found.ok ? { ...found, parameters: {} } : found;
    };
    const asked = await preflight(host.target, host.addresses, { timeoutUs, login });
    expect(asked.session.standby).toBeNull();
    expect(asked.server.serverRole).toBe(role);
  });

  it('a storm goes to the one that was chosen', async () => {
    const { summary, header } = await runStorm(nameBoth(['primary', 'standby'], 'standby'), {
      load: constantRate(20, '1s'),
      connection: { queries: 1 },
    });
    expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
    expect(String(header.target.port)).toBe(portOf('standby'));
    expect(header.target.server.serverRole).toBe('standby');
  });
});

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client(lab().superuserUrl);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
