import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/errors.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { runCli } from '../../support/cli/cli.ts';
import { constantRate, runStorm, temporaryPath } from '../../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { createCertificate } from '../../support/servers/known/certificate.js';
import { labForSuite, withLab } from '../../support/servers/lab.ts';
import { secureLab } from '../../support/servers/tls-lab.ts';

/** TLS with a real Postgres 18, and what is installed beside it. */

const authority = createCertificate({ commonName: 'test CA', isAuthority: true });
const strangers = createCertificate({ commonName: 'another CA', isAuthority: true });
const server = createCertificate({
  commonName: 'server',
  altNames: ['localhost', '127.0.0.1'],
  issuer: authority,
});
const client = createCertificate({ commonName: 'certified', issuer: authority });

const lab = labForSuite({ auth: 'scram-sha-256' });
const files = {
  ca: keep('ca.crt', authority.cert),
  strangers: keep('strangers.crt', strangers.cert),
  cert: keep('client.crt', client.cert),
  key: keep('client.key', client.key),
};
const security = {
  server,
  clientAuthority: authority,
  sql: ['CREATE ROLE certified LOGIN', "CREATE ROLE plain LOGIN PASSWORD 'plain'"],
  hba: ['hostssl storm certified 127.0.0.1/32 cert', 'host storm plain 127.0.0.1/32 password'],
};
beforeAll(() => secureLab(lab(), security));

function keep(name: string, text: string): string {
  const path = temporaryPath(name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** The lab's URL with other parameters, by default verify-full with the right CA; `undefined` leaves one out. */
function createUrl(
  parameters: Record<string, string | undefined> = {},
  { user, host = '127.0.0.1', at = lab() }: { user?: string; host?: string; at?: Lab } = {},
): string {
  const url = new URL(at.url);
  url.hostname = host;
  if (user !== undefined) Object.assign(url, { username: user, password: user });
  const all = { sslmode: 'verify-full', sslrootcert: files.ca, ...parameters };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

async function visit(url: string) {
  const resolved = await resolveTarget({ text: url, env: { HOME: '/nonexistent' } });
  const [host] = resolved?.hosts ?? [];
  if (host === undefined) throw new Error('no target');
  return preflight(host.target, host.addresses, { timeoutUs: 10_000_000 });
}

describe('a storm over TLS', () => {
  it.each<[string, Record<string, string>, string]>([
    ['behind SSLRequest', {}, 'sslrequest'],
    ['negotiated directly', { sslnegotiation: 'direct' }, 'tls'],
  ])('%s is verified, bound to the certificate, and measured', async (_, parameters, boundary) => {
    const url = createUrl({ channel_binding: 'require', ...parameters });
    const { summary, header } = await runStorm(url, { load: constantRate(25, '2s') });
    expect(header.target).toMatchObject({
      sslmode: 'verify-full',
      server: {
        auth: 'scram-sha-256',
        channelBinding: true,
        pooler: false,
        version: lab().version,
      },
    });
    expect(header.target.server.tls).toMatch(/^TLSv1\.[23] \w+/);
    expect(header.target.server.settings.ssl).toBe('on');
    expect(summary.accounting).toMatchObject({ due: 50, ok: 50, failed: 0 });
    expect(summary.boundaries).toEqual({ [boundary]: 50 });
    for (const phase of ['tcp', 'spawn', 'tls', 'auth', 'ready'] as const) {
      expect(summary.metrics[phase]?.count).toBe(50);
    }
    expect(JSON.stringify(header)).not.toContain('PRIVATE');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['prefer', { sslmode: 'prefer', sslrootcert: undefined }],
    ['require', { sslmode: 'require', sslrootcert: undefined }],
    ['verify-ca, by require with a root certificate', { sslmode: 'require' }],
    ['verify-full', {}],
  ])('logs in and inspects under %s', async (_, parameters) => {
    const { server: found } = await visit(createUrl(parameters));
    expect(found.tls).not.toBeNull();
    expect(found.slots).not.toBeNull();
  });

  it('presents a client certificate, and needs no password then', async () => {
    const certified = { sslcert: files.cert, sslkey: files.key };
    const url = createUrl(certified, { user: 'certified' });
    const { summary, header } = await runStorm(url, { load: constantRate(20, '1s') });
    expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
    expect(header.target.server).toMatchObject({
      auth: 'trust',
      authMayBe: 'cert',
      pooler: false,
    });
  });

  it('claims no channel binding for the pg driver, which binds to nothing', async () => {
    const connection = { driver: 'pg' };
    const { header } = await runStorm(createUrl({}), { load: constantRate(5, '1s'), connection });
    expect(header.target.server.auth).toBe('scram-sha-256');
    expect(header.target.server).not.toHaveProperty('channelBinding');
  });

  it('sends a cleartext password, and without TLS only where that is named', async () => {
    const user = { user: 'plain' };
    expect((await visit(createUrl({}, user))).server.auth).toBe('password');
    const bare = { sslmode: 'disable', sslrootcert: undefined };
    await expect(visit(createUrl(bare, user))).rejects.toThrow(
      /asks for a cleartext password without TLS: .*require_auth=password/,
    );
    const named = await visit(createUrl({ ...bare, require_auth: 'password' }, user));
    expect(named.server).toMatchObject({ auth: 'password', tls: null, pooler: false });
  });
});

describe('a preflight over TLS', () => {
  it.each<[string, () => string, RegExp]>([
    [
      'a wrong name',
      () => createUrl({ hostaddr: '127.0.0.1' }, { host: 'elsewhere.example' }),
      /certificate for another name \(ERR_TLS_CERT_ALTNAME_INVALID .*elsewhere\.example/,
    ],
    [
      'a wrong name, negotiated directly',
      () =>
        createUrl(
          { hostaddr: '127.0.0.1', sslnegotiation: 'direct' },
          { host: 'elsewhere.example' },
        ),
      /certificate for another name/,
    ],
    [
      'an unknown CA',
      () => createUrl({ sslmode: 'verify-ca', sslrootcert: files.strangers }),
      /\(SELF_SIGNED_CERT_IN_CHAIN .*: the chain that it sends ends at .*, which sslrootcert does not contain/,
    ],
    [
      'a private CA where the public ones are asked for',
      () => createUrl({ sslrootcert: 'system' }),
      /\(SELF_SIGNED_CERT_IN_CHAIN .* which Node \(sslrootcert=system\) does not contain: name the certificate of that CA with sslrootcert/,
    ],
    [
      'no client certificate',
      () => createUrl({}, { user: 'certified' }),
      /\(28000 connection requires a valid client certificate\)/,
    ],
    [
      'a method that require_auth leaves out',
      () => createUrl({ require_auth: 'md5' }),
      /asks for scram-sha-256, and require_auth=md5 does not allow it/,
    ],
    [
      'channel binding under a method that has none',
      () => createUrl({ channel_binding: 'require' }, { user: 'plain' }),
      /asks for password, which has no channel binding/,
    ],
  ])('tells %s in one line', async (_, url, message) => {
    const error: unknown = await visit(url()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('\n');
  });

  it('does not check the name under verify-ca', async () => {
    const parameters = { sslmode: 'verify-ca', hostaddr: '127.0.0.1' };
    const { server: found } = await visit(createUrl(parameters, { host: 'elsewhere.example' }));
    expect(found.tls).not.toBeNull();
    expect(found.slots).not.toBeNull();
  });

  it('ends the command with 114, and a file that is missing with 104', async () => {
    const wrong = createUrl({ hostaddr: '127.0.0.1' }, { host: 'elsewhere.example' });
    const refused = await runCli(['run', 'steady', '--target', wrong], '/');
    expect(refused.code).toBe(114);
    expect(refused.stderr).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    const missing = createUrl({ sslrootcert: '/nonexistent/ca.crt' });
    const unread = await runCli(['run', 'steady', '--target', missing], '/');
    expect(unread.code).toBe(104);
    expect(unread.stderr).toContain('sslrootcert /nonexistent/ca.crt cannot be read (ENOENT)');
  });

  it("follows libpq's environment", async () => {
    const url = createUrl({ sslmode: undefined, sslrootcert: undefined }, { user: 'certified' });
    const env = {
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: files.ca,
      PGSSLCERT: files.cert,
      PGSSLKEY: files.key,
      PGSSLNEGOTIATION: 'direct',
      PGREQUIREAUTH: 'none',
    };
    const { header } = await runStorm(url, { load: constantRate(20, '300ms') }, { env });
    expect(header.target).toMatchObject({ sslmode: 'verify-full', server: { auth: 'trust' } });
  });
});

describe('a server whose certificate has expired', () => {
  const expired = labForSuite();
  beforeAll(() =>
    secureLab(expired(), {
      server: createCertificate({
        altNames: ['127.0.0.1'],
        issuer: authority,
        notAfter: '210101000000Z',
      }),
      clientAuthority: strangers,
      sql: [],
      hba: [],
    }),
  );

  it('is refused in one line, and served where nothing is verified', async () => {
    const url = new URL(expired().url);
    url.searchParams.set('sslmode', 'require');
    expect((await visit(url.href)).server.tls).not.toBeNull();
    url.searchParams.set('sslrootcert', files.ca);
    await expect(visit(url.href)).rejects.toThrow(
      /not trusted \(CERT_HAS_EXPIRED certificate has expired\): renew it/,
    );
  });

  it('refuses a client certificate of a CA it does not know, which is told as TLS', async () => {
    const url = new URL(expired().url);
    const parameters = { sslmode: 'require', sslcert: files.cert, sslkey: files.key };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    await expect(visit(url.href)).rejects.toThrow(
      /does not accept the client certificate \(ERR_SSL_\w*UNKNOWN_CA/,
    );
  });
});

it('speaks TLS with every installed Postgres, directly since 17', async ({ skip }) => {
  const versions = listInstalled();
  skip(versions.length === 0, `nothing is in ${INSTALLED}`);
  for (const version of versions) {
    await withLab({ postgresBin: join(INSTALLED, version, 'bin') }, async (at) => {
      await secureLab(at, security);
      const bound = await visit(createUrl({ channel_binding: 'require' }, { at }));
      expect(bound.server).toMatchObject({ version: at.version, auth: 'scram-sha-256' });
      const certificate = { sslcert: files.cert, sslkey: files.key };
      const certified = await visit(createUrl(certificate, { at, user: 'certified' }));
      expect(certified.server.auth).toBe('trust');
      const direct = visit(createUrl({ sslnegotiation: 'direct' }, { at }));
      if (Number(version) >= 17) expect((await direct).server.tls).not.toBeNull();
      else await expect(direct).rejects.toThrow(/sslnegotiation=direct needs PostgreSQL 17/);
    });
  }
});
