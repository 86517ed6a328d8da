import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/errors.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { labForSuite } from '../../support/servers/lab.ts';

const NO_PASSFILE = { PGPASSFILE: '/nonexistent' };

const lab = labForSuite({ settings: { max_connections: 40, reserved_connections: 2 } });

async function visit(url: string, sslmode?: 'require') {
  const resolved = await resolveTarget({ text: url, env: NO_PASSFILE, sslmode });
  const [host] = resolved?.hosts ?? [];
  if (host === undefined) throw new Error('no target');
  return preflight(host.target, host.addresses, { timeoutUs: 10_000_000 });
}

function change(text: string, piece: 'password' | 'pathname' | 'port', value: string): string {
  const url = new URL(text);
  url[piece] = value;
  return url.href;
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

describe('preflight against a real Postgres', () => {
  it('reads what an ordinary role may know', async () => {
    const { server, target, postmasterPid } = await visit(lab().url);
    expect(server).toMatchObject({
      version: lab().version,
      auth: 'scram-sha-256',
      tls: null,
      pooler: false,
      slots: { max: 40, reserved: 5 },
    });
    expect(server.settings).toMatchObject({
      max_connections: '40',
      superuser_reserved_connections: '3',
      reserved_connections: '2',
      password_encryption: 'scram-sha-256',
    });
    expect(server.settings).not.toHaveProperty('shared_preload_libraries');
    expect(target.address).toBe('127.0.0.1');
    if (process.platform === 'linux') expect(postmasterPid).toBe(lab().pid);
  });

  it('knows the running server again, whoever asks in whichever time zone, and only if allowed', async () => {
    const { server } = await visit(lab().url);
    expect(server.instance).toMatch(/^\d{15,20}\/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
    const role = new URL(lab().url).username;
    const other = await visit(lab().superuserUrl);
    expect(other.server.instance).toBe(server.instance);
    await withClient(lab().superuserUrl, async (superuser) => {
      await superuser.query(`ALTER ROLE ${role} SET timezone = 'Pacific/Apia'`);
      expect((await visit(lab().url)).server.instance).toBe(server.instance);
      await superuser.query(`ALTER ROLE ${role} RESET timezone`);
    });
    // Rights on functions are a database's own.
    const { pathname } = new URL(lab().url);
    await withClient(change(lab().superuserUrl, 'pathname', pathname), async (superuser) => {
      await superuser.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public');
      try {
        expect((await visit(lab().url)).server).not.toHaveProperty('instance');
      } finally {
        await superuser.query('GRANT EXECUTE ON FUNCTION pg_control_system() TO public');
      }
    });
  });

  it('shows a superuser more, and leaves it the reserved slots', async () => {
    const { server } = await visit(lab().superuserUrl);
    expect(server.settings).toHaveProperty('shared_preload_libraries');
    expect(server.slots).toMatchObject({ max: 40, reserved: 0 });
  });

  it("counts others' connections, whoever asks, and heeds the role's own limit", async () => {
    await withClient(lab().superuserUrl, async (superuser) => {
      const { server } = await visit(lab().url);
      expect(server.slots).toEqual({ max: 40, reserved: 5, used: 1, free: 34 });
      const role = new URL(lab().url).username;
      await superuser.query(`ALTER ROLE ${role} CONNECTION LIMIT 7`);
      try {
        const limited = await visit(lab().url);
        const lower = { of: 'role', limit: 7, used: 0 };
        expect(limited.server.slots).toEqual({ max: 40, reserved: 5, used: 1, free: 7, lower });
      } finally {
        await superuser.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
      }
    });
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a wrong password',
      () => visit(change(lab().url, 'password', 'wrong')),
      /refused the login of role .*\(28P01 .*check the password/,
    ],
    [
      'no password',
      () => visit(change(lab().url, 'password', '')),
      /asks for a password for role .* and none was given/,
    ],
    [
      'a missing database',
      () => visit(change(lab().superuserUrl, 'pathname', '/missing')),
      /\(3D000 database "missing" does not exist\)/,
    ],
    [
      'what pg_hba.conf does not allow',
      () => visit(change(lab().url, 'pathname', '/other')),
      /\(28000 no pg_hba\.conf entry .*check the role/,
    ],
    [
      'a closed port',
      () => visit(change(lab().url, 'port', '1')),
      /127\.0\.0\.1:1 refused the connection \(ECONNREFUSED\)/,
    ],
    ['missing TLS', () => visit(lab().url, 'require'), /does not offer TLS/],
    [
      'direct TLS at a server that has none',
      () => visit(`${lab().url}?sslnegotiation=direct`, 'require'),
      /ended the connection when the TLS handshake began \(\w+\): sslnegotiation=direct needs PostgreSQL 17/,
    ],
  ])('says in one line what is wrong with %s', async (_, visitWrongly, message) => {
    const visited = visitWrongly();
    await expect(visited).rejects.toThrow(UnreachableError);
    await expect(visited).rejects.toThrow(message);
  });
});
