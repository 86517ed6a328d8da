import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreachableError, UsageError } from '../../../src/errors.ts';
import { resolveTarget, type TargetRequest } from '../../../src/targets/naming/resolve.ts';

/** No password file of the machine may play a part. */
const NO_PASSFILE = { PGPASSFILE: '/nonexistent' };

async function resolveNames(host: string): Promise<string[]> {
  if (host === 'missing.example') {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  }
  return host === 'localhost' ? ['::1', '127.0.0.1'] : ['10.0.0.1'];
}

async function resolve(request: Partial<TargetRequest>) {
  const env = { ...NO_PASSFILE, ...request.env };
  const resolved = await resolveTarget({ ...request, env }, resolveNames);
  const [first] = resolved?.hosts ?? [];
  if (resolved === undefined || first === undefined) throw new Error('no target was named');
  return { ...resolved, ...first };
}

describe('resolveTarget', () => {
  it.each([
    {},
    { PGUSER: 'u', PGPORT: '1', PGPASSWORD: 'p' },
    { PGHOST: '', CONNSTORM_TARGET: '' },
    { CONNSTORM_TARGET: 'lab', PGHOST: 'h' },
    { CONNSTORM_TARGET: 'pooled=lab' },
  ])('is the lab when that is named, or no host: %o', async (env) => {
    expect(await resolveTarget({ env }, resolveNames)).toBeUndefined();
  });

  it('sets TCP where there is TCP, and says what Node cannot set', async () => {
    const text = 'user=u keepalives_idle=5 tcp_user_timeout=3';
    const { hosts, warnings } = await resolve({ text: `host=h,/tmp ${text}` });
    expect(hosts.map(({ target }) => target.keepaliveIdleS)).toEqual([5, undefined]);
    expect(warnings).toEqual([expect.stringMatching(/^tcp_user_timeout=3 is ignored/)]);
    const local = await resolve({ text: `host=/tmp ${text}` });
    expect([local.target.keepaliveIdleS, local.warnings]).toEqual([undefined, []]);
  });

  it('follows client_encoding and PGCLIENTENCODING', async () => {
    const env = { PGCLIENTENCODING: 'LATIN1' };
    expect((await resolve({ text: 'host=h', env })).target.clientEncoding).toBe('LATIN1');
    const text = 'host=h client_encoding=auto';
    const locale = { ...env, LC_ALL: 'C.UTF-8' };
    expect((await resolve({ text, env: locale })).target.clientEncoding).toBe('UTF8');
  });

  it('fills in the defaults', async () => {
    const { target, dnsUs, addresses, warnings } = await resolve({ text: 'postgres://' });
    const user = userInfo().username;
    expect(target).toEqual({
      role: 'direct',
      host: 'localhost',
      address: '::1',
      port: 5432,
      user,
      database: user,
      password: undefined,
      passwordTrouble: 'the password file /nonexistent is not there',
      sslmode: 'prefer',
      applicationName: 'connstorm',
    });
    expect(addresses).toEqual(['::1', '127.0.0.1']);
    expect(dnsUs).toBeGreaterThanOrEqual(0);
    expect(warnings).toEqual([]);
  });

  it("reads none of the user's files for a lab", async () => {
    const HOME = mkdtempSync(join(tmpdir(), 'connstorm-home-'));
    mkdirSync(join(HOME, '.postgresql'));
    writeFileSync(join(HOME, '.postgresql', 'postgresql.crt'), 'of no use');
    writeFileSync(join(HOME, '.pgpass'), '*:*:*:*:secret', { mode: 0o600 });
    const request = { text: 'postgres://u@127.0.0.1/d', env: { HOME } };
    try {
      const theirs = await resolveTarget(request);
      expect(theirs?.warnings).toHaveLength(1);
      expect(theirs?.hosts[0]?.target.password).toBe('secret');
      const ours = await resolveTarget({ ...request, isLab: true });
      expect(ours?.warnings).toEqual([]);
      expect(ours?.hosts[0]?.target.password).toBeUndefined();
    } finally {
      rmSync(HOME, { recursive: true });
    }
  });

  it("follows libpq's variables", async () => {
    const env = {
      PGHOST: 'db.example.com',
      PGPORT: '6432',
      PGUSER: 'u',
      PGDATABASE: 'd',
      PGPASSWORD: 'p',
      PGSSLMODE: 'require',
      PGAPPNAME: 'mine',
      PGOPTIONS: '-c a=b',
      PGCONNECT_TIMEOUT: '7',
      PGTARGETSESSIONATTRS: 'primary',
      PGLOADBALANCEHOSTS: 'random',
    };
    const resolved = await resolve({ env });
    expect(resolved).toMatchObject({
      connectTimeoutS: 7,
      sessionAttrs: 'primary',
      spread: true,
      warnings: [],
    });
    expect(resolved.target).toEqual({
      role: 'direct',
      host: 'db.example.com',
      address: '10.0.0.1',
      port: 6432,
      user: 'u',
      database: 'd',
      password: 'p',
      sslmode: 'require',
      applicationName: 'mine',
      options: '-c a=b',
    });
  });

  it("follows libpq's variables of TLS and authentication, and lets the URL outrank them", async () => {
    const env = {
      PGHOST: 'h',
      PGSSLROOTCERT: 'system',
      PGSSLNEGOTIATION: 'direct',
      PGCHANNELBINDING: 'require',
      PGREQUIREAUTH: '!password',
      HOME: '/nonexistent',
    };
    const { target } = await resolve({ env, sslmode: 'verify-full' });
    expect(target).toMatchObject({
      sslmode: 'verify-full',
      tls: { negotiation: 'direct' },
      channelBinding: 'require',
      requireAuth: { text: '!password' },
    });
    const text = 'postgres://h?sslnegotiation=postgres&channel_binding=disable&require_auth=none';
    expect((await resolve({ env, text })).target).toMatchObject({
      tls: { negotiation: 'postgres' },
      channelBinding: 'disable',
      requireAuth: { allowed: ['none'] },
    });
    const weak = resolve({ env, sslmode: 'require' });
    await expect(weak).rejects.toThrow(
      /^connection\.sslmode=require is too weak for sslrootcert=system/,
    );
    const missing = resolve({
      env: { ...env, PGSSLROOTCERT: '', PGSSLCERT: '/nonexistent' },
      sslmode: 'require',
    });
    await expect(missing).rejects.toThrow(/^sslcert \/nonexistent cannot be read \(ENOENT\)/);
  });

  it('lets the URL outrank the environment', async () => {
    const env = { PGHOST: 'env.example.com', PGUSER: 'env', PGSSLMODE: 'disable' };
    const fromEnv = await resolve({ env });
    expect(fromEnv.target).toMatchObject({ host: 'env.example.com', sslmode: 'disable' });
    const text = 'postgres://url@url.example.com?sslmode=prefer';
    const fromUrl = await resolve({ text, env });
    expect(fromUrl.target).toMatchObject({
      host: 'url.example.com',
      user: 'url',
      sslmode: 'prefer',
    });
  });

  it("lets the scenario's sslmode outrank both, and says so where they differ", async () => {
    const env = { PGSSLMODE: 'disable' };
    const text = 'postgres://h?sslmode=require';
    const overUrl = await resolve({ text, env, sslmode: 'disable' });
    expect(overUrl.target).toMatchObject({ sslmode: 'disable', sslmodeKey: 'connection.sslmode' });
    expect(overUrl.warnings).toEqual([
      'target URL: sslmode=require is ignored: connection.sslmode is disable',
    ]);
    const overEnv = await resolve({ text: 'postgres://h', env, sslmode: 'require' });
    expect(overEnv.target.sslmode).toBe('require');
    expect(overEnv.warnings).toEqual([
      'PGSSLMODE=disable is ignored: connection.sslmode is require',
    ]);
    for (const agreed of [{ text }, { text: 'postgres://h' }]) {
      const { target, warnings } = await resolve({ ...agreed, sslmode: 'require' });
      expect(target.sslmode).toBe('require');
      expect(warnings).toEqual([]);
    }
  });

  it('takes the database named as the user', async () => {
    expect((await resolve({ text: 'postgres://u@h' })).target.database).toBe('u');
  });

  it('needs no resolver for an address', async () => {
    for (const env of [{ PGHOST: '127.0.0.1' }, { PGHOST: 'x', PGHOSTADDR: '127.0.0.1' }]) {
      const { addresses, dnsUs } = await resolve({ env });
      expect({ addresses, dnsUs }).toEqual({ addresses: ['127.0.0.1'], dnsUs: null });
    }
  });

  it('does not let PGHOSTADDR redirect a URL that names a host', async () => {
    const { target } = await resolve({
      text: 'postgres://db.example.com',
      env: { PGHOSTADDR: '127.0.0.1' },
    });
    expect(target).toMatchObject({ host: 'db.example.com', address: '10.0.0.1' });
  });

  it('reads CONNSTORM_TARGET with its role, and the flag instead where there is one', async () => {
    const env = { CONNSTORM_TARGET: 'pooled=postgres://h' };
    expect((await resolve({ env })).target).toMatchObject({ role: 'pooled', host: 'h' });
    const flagged = await resolve({ env, text: 'postgres://other' });
    expect(flagged.target).toMatchObject({ role: 'direct', host: 'other' });
    expect((await resolve({ env, role: 'replica' })).target.role).toBe('replica');
  });

  it('says which name does not resolve', async () => {
    const attempt = resolve({ text: 'postgres://missing.example' });
    await expect(attempt).rejects.toThrow(UnreachableError);
    await expect(attempt).rejects.toThrow(/cannot resolve host "missing\.example" \(ENOTFOUND\)/);
  });

  it.each([
    [{ PGHOST: '@abstract' }, /^PGHOST is an abstract Unix socket/],
    [{ PGHOST: 'a,b', PGPORT: '1,2,3' }, /names 3 ports for 2 hosts/],
    [{ PGHOST: 'h', PGPORT: 'x' }, /^PGPORT must be a number from 1 to 65535$/],
    [{ PGHOST: 'h', PGSSLMODE: 'allow' }, /^PGSSLMODE must be disable, prefer, require/],
    [{ CONNSTORM_TARGET: 'nonsense' }, /must be a connection string/],
  ])('refuses %o', async (env, message) => {
    await expect(resolve({ env })).rejects.toThrow(UsageError);
    await expect(resolve({ env })).rejects.toThrow(message);
  });

  it('takes a key=value string, with its role', async () => {
    const text = "pooled=host=127.0.0.1 port=6432 user=u password='a b'";
    expect((await resolve({ text })).target).toMatchObject({
      role: 'pooled',
      address: '127.0.0.1',
      port: 6432,
      database: 'u',
      password: 'a b',
    });
  });

  it('resolves each of several hosts, and tells of one that does not resolve', async () => {
    const { hosts, dnsUs } = await resolve({ text: 'postgres://a:1,missing.example:2,[::1]:3/d' });
    expect(hosts.map(({ target, addresses }) => [target.port, addresses])).toEqual([
      [1, ['10.0.0.1']],
      [2, []],
      [3, ['::1']],
    ]);
    expect(hosts[1]?.unresolved?.message).toMatch(/cannot resolve host "missing\.example"/);
    expect(dnsUs).toBeGreaterThanOrEqual(0);
  });

  it('knows Unix sockets, which have no TLS', async () => {
    const text = 'host=/tmp,h port=6 sslmode=require user=u';
    const { hosts, warnings } = await resolve({ text, env: { HOME: '/nonexistent' } });
    expect(hosts.map(({ target }) => target)).toMatchObject([
      { host: '/tmp', address: '/tmp/.s.PGSQL.6', sslmode: 'disable' },
      { host: 'h', address: '10.0.0.1', sslmode: 'require' },
    ]);
    expect(warnings).toEqual([expect.stringContaining('sslmode=require does not apply to Unix')]);
    const asked = await resolve({ text: 'host=/tmp user=u', sslmode: 'require' });
    expect(asked.warnings).toEqual([
      expect.stringMatching(/^connection\.sslmode=require does not/),
    ]);
    const verified = await resolve({ text: 'host=/tmp sslmode=verify-full user=u' });
    expect(verified).toMatchObject({ dnsUs: null, addresses: ['/tmp/.s.PGSQL.5432'] });
  });

  it('takes an empty value for the default, not for what the environment says', async () => {
    const env = { PGUSER: 'env', PGDATABASE: 'env', PGPASSWORD: 'env', PGHOST: 'env' };
    const { target } = await resolve({ text: "host=h dbname='' user=u password=''", env });
    expect(target).toMatchObject({ database: 'u', password: undefined });
    // An empty part of a URL is not given at all.
    const fromUrl = await resolve({ text: 'postgres://u:@h/', env });
    expect(fromUrl.target).toMatchObject({ database: 'env', password: 'env' });
  });

  it('does not look at a variable that the connection string outranks', async () => {
    const { target } = await resolve({ text: 'postgres://h:1', env: { PGPORT: 'nonsense' } });
    expect(target.port).toBe(1);
  });

  it('says which variables it does not follow', async () => {
    const env = { PGSSLSNI: '0', PGTZ: 'UTC', PGGSSENCMODE: 'disable', PGSSLCRL: '' };
    const { warnings } = await resolve({ text: 'postgres://h', env });
    expect(warnings).toEqual([
      'PGSSLSNI is ignored: connstorm uses what Node and the server agree on',
      "PGTZ is ignored: it has no effect on connstorm's queries",
    ]);
  });

  it.each([
    ['PGSSLCRLDIR', 'x', /connstorm reads no folder of revocation lists: put them into one file/],
    ['PGSSLCERTMODE', 'require', /a client certificate is presented if there is one/],
    ['PGGSSENCMODE', 'require', /connstorm logs in with a password/],
    ['PGREQUIREPEER', 'postgres', /connstorm logs in with a password/],
    ['PGMINPROTOCOLVERSION', '3.2', /connstorm leaves it at its default/],
  ])('refuses %s=%s, as it does the keyword', async (variable, value, why) => {
    const resolving = resolve({ text: 'postgres://h', env: { [variable]: value } });
    await expect(resolving).rejects.toThrow(UsageError);
    await expect(resolving).rejects.toThrow(
      new RegExp(`^${variable} is not supported: ${why.source}`),
    );
  });

  // https://www.postgresql.org/docs/18/libpq-envars.html, those that stand for a parameter or a setting of the server. Where files
  // are (PGPASSFILE, PGSERVICEFILE and so on) has tests of its own.
  it.each(
    `PGHOST PGSSLNEGOTIATION PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGREQUIREAUTH PGCHANNELBINDING PGOPTIONS PGAPPNAME
    PGSSLMODE PGREQUIRESSL PGSSLCOMPRESSION PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLSNI
    PGREQUIREPEER PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE PGKRBSRVNAME PGGSSLIB PGGSSDELEGATION
    PGCONNECT_TIMEOUT PGCLIENTENCODING PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS PGMINPROTOCOLVERSION PGMAXPROTOCOLVERSION
    PGDATESTYLE PGTZ PGGEQO`.split(/\s+/),
  )('follows %s, refuses it, or tells that it does not', async (variable) => {
    const base = { PGHOST: 'h', PGSSLMODE: variable === 'PGREQUIRESSL' ? '' : 'require' };
    const describe = (env: Record<string, string>): Promise<string> =>
      resolve({ env }).then(
        (found) => JSON.stringify({ ...found, dnsUs: 0 }),
        (error: unknown) => String(error),
      );
    const asked = await describe({ ...base, [variable]: '1x' });
    expect(asked).not.toBe(await describe(base));
  });

  it('lets a connection string outrank what the environment requires', async () => {
    const env = { PGGSSENCMODE: 'require' };
    const { target } = await resolve({ text: 'host=h gssencmode=disable', env });
    expect(target.host).toBe('h');
  });

  it.each([
    [{ PGREQUIRESSL: '1' }, 'require'],
    [{ PGREQUIRESSL: '1x' }, 'require'],
    [{ PGREQUIRESSL: '0' }, 'prefer'],
    [{ PGREQUIRESSL: 'true' }, 'prefer'],
    [{ PGREQUIRESSL: '' }, 'prefer'],
    [{ PGREQUIRESSL: '1', PGSSLMODE: 'disable' }, 'disable'],
  ])('takes %o as libpq does', async (env, sslmode) => {
    expect((await resolve({ text: 'postgres://h', env })).target.sslmode).toBe(sslmode);
    const named = await resolve({ text: 'postgres://h?sslmode=require', env });
    expect(named.target.sslmode).toBe('require');
  });

  it('names PGREQUIRESSL where the scenario asks for another sslmode', async () => {
    const env = { PGREQUIRESSL: '1' };
    const { warnings } = await resolve({ text: 'postgres://h', env, sslmode: 'disable' });
    expect(warnings).toEqual([
      'PGREQUIRESSL=1: sslmode=require is ignored: connection.sslmode is disable',
    ]);
  });

  it('takes fallback_application_name where there is no other', async () => {
    const text = 'host=h fallback_application_name=f';
    expect((await resolve({ text })).target.applicationName).toBe('f');
    const env = { PGAPPNAME: 'mine' };
    expect((await resolve({ text, env })).target.applicationName).toBe('mine');
  });

  describe('with a password file', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'connstorm-resolve-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('asks it by the host as given, where neither URL nor PGPASSWORD has a password', async () => {
      const PGPASSFILE = join(folder, 'pgpass');
      writeFileSync(PGPASSFILE, 'localhost:5432:d:u:from file', { mode: 0o600 });
      const text = 'postgres://u@localhost/d';
      expect((await resolve({ text, env: { PGPASSFILE } })).target.password).toBe('from file');
      const env = { PGPASSFILE, PGPASSWORD: 'from env' };
      expect((await resolve({ text, env })).target.password).toBe('from env');
    });

    it('asks it for each of several hosts, and by the name that passfile gives it', async () => {
      const path = join(folder, 'several');
      writeFileSync(path, 'a:1:*:*:of a\nb:2:*:*:of b\nlocalhost:6:*:*:of socket\n', {
        mode: 0o600,
      });
      const text = `host=a,b,/tmp,/srv port=1,2,6,6 user=u passfile=${path}`;
      const { hosts } = await resolve({ text });
      const passwords = hosts.map(({ target }) => target.password);
      expect(passwords).toEqual(['of a', 'of b', 'of socket', undefined]);
    });

    it('passes on a warning about it', async () => {
      const PGPASSFILE = join(folder, 'open');
      writeFileSync(PGPASSFILE, '*:*:*:*:x', { mode: 0o644 });
      const { target, warnings } = await resolve({ text: 'postgres://h', env: { PGPASSFILE } });
      expect(target.password).toBeUndefined();
      expect(warnings).toEqual([expect.stringContaining('chmod 600')]);
    });
  });
});
