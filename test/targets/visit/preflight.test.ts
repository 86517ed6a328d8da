import { describe, expect, it } from 'vitest';
import type { LoginResult } from '../../../src/drivers/try-login.ts';
import { UnreachableError } from '../../../src/errors.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import type { Target } from '../../../src/targets/target.ts';
import { countSlots, readLoginTriggers } from '../../../src/targets/visit/inspection.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { explainServerTimes, findServerTimes } from '../../../src/targets/visit/server-times.ts';
import { createCertificate } from '../../support/servers/known/certificate.js';
import type { Behaviour } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';

const TARGET = {
  role: 'direct',
  host: '127.0.0.1',
  address: '127.0.0.1',
  port: 1,
  database: 'd',
  user: 'x',
  password: 'hunter2',
  sslmode: 'prefer',
  applicationName: 'connstorm',
} as const;
const { cert: certificate, key: privateKey } = createCertificate({ altNames: ['x'] });
const CERTIFIED = { negotiation: 'postgres', certificate, privateKey } as const;
const FAILED: Failure = { layer: 'server', phase: 'ready', code: '28P01', message: 'no' };

async function refuse(
  failure: Failure,
  change: Partial<Target> = {},
  timeoutUs = 10_000_000,
  found: { password?: 'unasked' | 'right' } = {},
) {
  const refused = { ok: false, failure, elapsedUs: 0, ...found } as const;
  const login = async (): Promise<LoginResult> => refused;
  const attempt = preflight({ ...TARGET, ...change }, ['127.0.0.1'], { timeoutUs, login });
  const error: unknown = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreachableError);
  return String(error).replace('UnreachableError: ', '');
}

describe('a login that fails', () => {
  it.each<[Partial<Failure>, string | RegExp]>([
    [
      { code: '28P01', message: 'password authentication failed for user "x"' },
      '127.0.0.1:1 refused the login of role "x" (28P01 password authentication failed for user "x"): check the password in the connection string, PGPASSWORD or ~/.pgpass, and whether there is a role "x": the server gives the same answer for both',
    ],
    [
      { code: '28000', message: 'no pg_hba.conf entry' },
      /check the role, and what the server's pg_hba/,
    ],
    [{ code: '3D000', message: 'database "d" does not exist' }, /name an existing database/],
    [
      { code: '53300', message: 'sorry, too many clients already' },
      /: wait for free connection slots or raise max_connections$/,
    ],
    [
      { code: '53300', message: 'too many connections for role "lim"' },
      /: wait for free connection slots or raise the role's connection limit$/,
    ],
    [
      { code: '53300', message: 'too many connections for database "d"' },
      /: wait for free connection slots or raise the database's connection limit$/,
    ],
    [
      { code: 'XX000', message: 'Sorry, too many clients already' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    [
      { code: '53300', message: 'tut mir leid' },
      /or raise max_connections, or the limit of the role or database$/,
    ],
    [
      { code: '08P01', message: 'no more connections allowed (max_client_conn)' },
      /: wait for free connection slots or raise the pooler's max_client_conn$/,
    ],
    [
      { code: '08P01', message: 'client connections exceeded (max_db_client_connections)' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    [
      { code: '53300', message: 'too many tcp connections (global client_max 100)' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    [
      { code: '53300', message: 'too many active clients for user (pool_size ...)' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    [
      { code: '53300', message: 'connection pool is full' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    [{ code: '57P03' }, /wait until the server is up/],
    [
      { code: '08P01', message: 'unsupported startup parameter: options' },
      /leave options out of the target, or list it in the pooler's ignore_startup_parameters/,
    ],
    ...(
      [
        ['SCRAM_REFUSED', 'the server ended SCRAM with invalid-proof'],
        ['SCRAM_REFUSED', 'the server ended SCRAM with other-error'],
        ['XX000', 'SCRAM authentication failed'],
        ['XX000', 'md5 authentication failed'],
        ['08P01', 'SASL authentication failed'],
        ['08P01', 'password authentication failed'],
      ] as const
    ).map(([code, message]): [Partial<Failure>, RegExp] => [
      { code, message },
      /refused the login of role "x" \(.*\): check the password in the connection string, PGPASSWORD or ~\/\.pgpass, and whether there is a role "x": the server gives the same answer for both$/,
    ]),
    [
      {
        code: '08P01',
        message:
          'server login has been failing, cached error: password authentication failed (server_login_retry)',
      },
      /: the pooler cannot log in to its own server: see its log, and check the role and password/,
    ],
    ...(
      [
        ['08P01', 'no such user', /: name a role that the pooler knows/],
        ['08P01', '"trust" authentication failed', /: name a role that the pooler knows/],
        ['08P01', 'no such database: nodb', /: name an existing database .* \[databases\] lists$/],
        ['08P01', 'SSL required', /: use sslmode=require$/],
        ['28000', 'role "x" does not exist', /: name an existing role .* PGUSER$/],
        ...(
          [
            ['unknown-user', /: name an existing role .* PGUSER$/],
            [
              'channel-bindings-dont-match',
              /between this machine and the server ends TLS: .*=disable if/,
            ],
            ['server-does-support-channel-binding', /ends TLS: .* channel_binding=disable if/],
            ['unsupported-channel-binding-type', /: use channel_binding=disable$/],
            ['channel-binding-not-supported', /: use channel_binding=disable$/],
            ['no-resources', /: wait until the server has resources for a login, or see its log$/],
          ] as const
        ).map(([reason, advice]) => [
          'SCRAM_REFUSED',
          `the server ended SCRAM with ${reason}`,
          advice,
        ]),
        ['28000', 'role "x" is not permitted to log in', /: name a role that may log in/],
        ['28000', 'Peer authentication failed for user "x"', /: the server asks the system for/],
        ['28000', 'certificate authentication failed for user "x"', /pg_ident\.conf$/],
        [
          '28000',
          'GSSAPI authentication failed for user "x"',
          /: connstorm does not support GSS or Kerberos/,
        ],
        [
          '28000',
          'connection requires a valid client certificate',
          /: give one with sslcert and sslkey$/,
        ],
        ['42501', 'permission denied for database "d"', /: grant the role CONNECT on it/],
        ['55000', 'database "d" is not currently accepting connections', /: name another database/],
        ...(
          [
            ['42704', 'unrecognized configuration parameter "foo"'],
            ['42501', 'permission denied to set parameter "log_statement"'],
            ['55P02', 'parameter "port" cannot be changed without restarting the server'],
            ['42601', 'invalid command-line argument for server process: x'],
          ] as const
        ).map(([code, message]) => [code, message, /: check options of the target, or PGOPTIONS$/]),
      ] as [string, string, RegExp][]
    ).map(([code, message, advice]): [Partial<Failure>, RegExp] => [{ code, message }, advice]),
    [
      { code: 'UNSUPPORTED_AUTH', message: 'the server offers only OAUTHBEARER, and ...' },
      /cannot be logged in to: the server offers only OAUTHBEARER, .*: have pg_hba\.conf ask this role for scram-sha-256$/,
    ],
    [
      {
        code: 'SCRAM_ITERATIONS',
        message:
          'the server asks for 200000 SCRAM iterations, and connection.maxScramIterations ...',
      },
      /cannot be logged in to: .* ask for so many, allow it in the scenario or with --set connection\.maxScramIterations=200000 \(inspect: --max-scram-iterations\)/,
    ],
    [
      { code: 'XX000', message: '(EMAXCONN) max client connections reached, limit: 15' },
      /: wait for free connection slots or raise the pooler's client limit$/,
    ],
    ...[
      'server login has been failing, try again later (server_login_retry)',
      'server login has been failing, cached error: connect failed (server_login_retry)',
      'query_wait_timeout',
      'server conn crashed?',
    ].map((message): [Partial<Failure>, RegExp] => [
      { code: '08P01', message },
      /: the pooler cannot reach or log in to its own server: see its log, check that the server is up, and the role and/,
    ]),
    [{ code: '08P01', message: 'odd' }, /\(08P01 odd\): see the log of the server or pooler/],
    [{ layer: 'network', code: 'ECONNREFUSED' }, /refused the connection \(ECONNREFUSED\)/],
    [
      {
        layer: 'network',
        phase: 'auth',
        code: 'CLOSED',
        message: 'the server closed the connection',
      },
      /closed the connection during the login, in auth, and did not say why: see the log of the server or pooler$/,
    ],
    [{ layer: 'network', code: 'EHOSTUNREACH' }, /EHOSTUNREACH no\): check host, port and network/],
    [{ layer: 'local', code: 'EMFILE' }, /too many open files\): raise ulimit -n$/],
    [{ layer: 'local', code: 'ENOBUFS' }, /check this machine's limits/],
    [
      { layer: 'local', code: 'NO_PASSWORD' },
      /asks for a password for role "x" and none was given/,
    ],
    [{ layer: 'protocol', code: 'NOT_POSTGRES' }, /does not speak the PostgreSQL protocol/],
    [{ code: 'NO_TLS' }, /does not offer TLS, and sslmode=\w+ needs it/],
    [
      {
        layer: 'protocol',
        phase: 'tls',
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
        message: "TLS: IP: 127.0.0.1 is not in the cert's list: ",
      },
      /a certificate for another name \(.*\): connect by a name that is in it, or use sslmode=verify-ca/,
    ],
    [
      {
        layer: 'protocol',
        phase: 'tls',
        code: 'CERT_HAS_EXPIRED',
        message: 'certificate has expired',
      },
      "127.0.0.1:1 has a certificate that is not trusted (CERT_HAS_EXPIRED certificate has expired): renew it, or check this machine's clock",
    ],
    ...(
      [
        ['CERT_REVOKED', /not trusted \(CERT_REVOKED no\): its CA has revoked it, as sslcrl or/],
        [
          'UNABLE_TO_GET_CRL',
          /: sslcrl or .* must contain the revocation list of each CA above it, and one of them is missing/,
        ],
        ['CRL_HAS_EXPIRED', /: a list in sslcrl or ~\/\.postgresql\/root\.crl has expired: fetch/],
      ] as const
    ).map(([code, told]): [Partial<Failure>, RegExp] => [
      { layer: 'protocol', phase: 'tls', code },
      told,
    ]),
    [
      { layer: 'protocol', phase: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      /is not trusted \(.*\): name the certificate of its CA with sslrootcert/,
    ],
    [
      { layer: 'protocol', phase: 'tls', code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' },
      /does not accept the client certificate \(.*\): its CA is not in the server's ssl_ca_file/,
    ],
    [
      { layer: 'protocol', phase: 'tls', code: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED' },
      /the client certificate \(ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED no\): it has expired: renew sslcert/,
    ],
    [
      { layer: 'protocol', phase: 'tls', code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' },
      /failed TLS \(.*\): see the log of the server or pooler/,
    ],
    [
      { layer: 'protocol', phase: 'tls', code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' },
      /failed TLS \(.*\): see the log of the server or pooler/,
    ],
    ...['UNSUPPORTED_PROTOCOL', 'TLSV1_ALERT_PROTOCOL_VERSION'].map(
      (reason): [Partial<Failure>, RegExp] => [
        { layer: 'protocol', phase: 'tls', code: `ERR_SSL_${reason}` },
        /speaks no version of TLS that connstorm may use, TLSv1\.2 or later \(.*\): change ssl_min_protocol_version or ssl_max/,
      ],
    ),
    [
      { code: '22023', message: 'invalid value for parameter "client_encoding": "x"' },
      /: check client_encoding and options of the target, or PGCLIENTENCODING and PGOPTIONS$/,
    ],
    [
      { code: '28000', message: 'SCRAM channel binding check failed' },
      /a pooler or a proxy between this machine and the server ends TLS: .* use channel_binding=disable if/,
    ],
    [
      { code: '28000', message: 'SCRAM channel binding negotiation error' },
      /a pooler or a proxy between this machine and the server ends TLS: .* use channel_binding=disable if/,
    ],
    ...['DH_KEY_TOO_SMALL', 'EE_KEY_TOO_SMALL'].map((reason): [Partial<Failure>, RegExp] => [
      { layer: 'protocol', phase: 'tls', code: `ERR_SSL_${reason}` },
      /offers TLS that connstorm's TLS library \(Node's OpenSSL\) refuses \(.*\): a newer TLS version or a stronger key on the server may help$/,
    ]),
    [
      { layer: 'protocol', phase: 'tls', code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
      /offers TLS and then speaks something else \(.*\): check the port, and what is in between/,
    ],
    [{ layer: 'protocol', phase: 'tls', code: 'NO_ALPN' }, /direct needs PostgreSQL 17 or later/],
    [
      { code: 'CLEARTEXT_PASSWORD' },
      /a cleartext password without TLS: .* allow it by name with require_auth=password/,
    ],
    [
      { code: 'AUTH_NOT_ALLOWED', message: 'the server asks for md5, and require_auth=!md5 ...' },
      /cannot be logged in to: the server asks for md5/,
    ],
    [
      { layer: 'timeout', code: 'TIMEOUT', phase: 'tcp', message: 'no answer within 10 s' },
      '127.0.0.1:1 gave no answer within 10 s: check host, port and firewalls',
    ],
    [
      { layer: 'timeout', code: 'TIMEOUT', phase: 'spawn', message: 'no answer within 10 s' },
      '127.0.0.1:1 accepted the connection, and the login got no further than spawn within 10 s: check whether it is stopped, overloaded or not Postgres',
    ],
    [
      { layer: 'timeout', code: 'TIMEOUT', phase: 'ready', message: 'no answer within 10 s' },
      /got no further than ready within 10 s: check whether it is stopped or overloaded\. If it is a pooler, check the server behind it, too$/,
    ],
  ])('is told in one line: %o', async (failure, expected) => {
    const message = await refuse({ ...FAILED, ...failure });
    expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    [
      'unasked',
      '08P01',
      'password authentication failed for user "x"',
      'the pooler asked for no password',
    ],
    [
      'unasked',
      '28P01',
      'Passwort-Authentifizierung fehlgeschlagen',
      'the pooler asked for no password',
    ],
    [
      'right',
      '08P01',
      'password authentication failed for user "x"',
      'the pooler accepted the password',
    ],
  ] as const)("is a pooler's own where ours is %s: %s %s", async (password, code, message, why) => {
    const told = await refuse({ ...FAILED, code, message }, {}, undefined, { password });
    expect(told).toMatch(
      new RegExp(`: ${why}, so it is the login of a pooler to its own server that failed: check`),
    );
  });

  it('tells who is to give a client certificate, and who to give another', async () => {
    const message = 'connection requires a valid client certificate';
    const failure = { ...FAILED, code: '28000', message };
    expect(await refuse(failure)).toMatch(/: give one with sslcert and sslkey$/);
    expect(await refuse(failure, { tls: CERTIFIED })).toMatch(/: sslcert was not accepted: give a/);
  });

  it('may want no more than time where that was short', async () => {
    const failure = { ...FAILED, layer: 'timeout', phase: 'auth', code: 'TIMEOUT' } as const;
    const message = await refuse(failure, {}, 5000);
    expect(message).toMatch(
      /within 5 ms: .*, or allow it more time \(connection\.timeout\)\. If it is a pooler/,
    );
    expect(await refuse({ ...failure, phase: 'tcp' }, {}, 5000)).toContain('more time');
  });

  it('blames what was asked for: the sslmode that was written, the CA that was named', async () => {
    const tls = {
      negotiation: 'postgres',
      rootCertificates: 'PEM',
      askedSslmode: 'require',
    } as const;
    const noTls = await refuse({ ...FAILED, code: 'NO_TLS' }, { sslmode: 'verify-ca', tls });
    expect(noTls).toContain(', and sslmode=require needs it: switch TLS on or use sslmode=prefer');
    const stranger = {
      layer: 'protocol',
      phase: 'tls',
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
    } as const;
    expect(await refuse({ ...FAILED, ...stranger }, { tls })).toMatch(
      /sslrootcert does not contain the CA of the server's certificate: name that CA's certificate$/,
    );
  });

  it("advises the scenario's sslmode where the target's is not followed", async () => {
    const asked = { sslmode: 'require', sslmodeKey: 'connection.sslmode' } as const;
    expect(await refuse({ ...FAILED, code: 'NO_TLS' }, asked)).toMatch(
      /, and connection\.sslmode=require needs it: switch TLS on or use connection\.sslmode=prefer$/,
    );
    const misnamed = { ...FAILED, code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
    expect(await refuse(misnamed, asked)).toMatch(/, or use connection\.sslmode=verify-ca$/);
  });

  it('is tried at the next address where nobody answered, but not after a no of the server', async () => {
    for (const [layer, expected] of [
      ['network', ['::1', '127.0.0.1']],
      ['server', ['::1']],
    ] as const) {
      const tried: string[] = [];
      const login = async ({ address }: { address: string }): Promise<LoginResult> => {
        tried.push(address);
        return { ok: false, failure: { ...FAILED, layer }, elapsedUs: 0 };
      };
      const attempt = preflight(TARGET, ['::1', '127.0.0.1'], { timeoutUs: 1, login });
      await expect(attempt).rejects.toThrow(UnreachableError);
      expect(tried).toEqual(expected);
    }
  });
});

it.each<[string, Partial<Target>, { tls?: string; auth?: string }, string | undefined]>([
  ['over TCP', {}, {}, undefined],
  ['over a Unix socket', { address: '/nonexistent/.s.PGSQL.1' }, {}, 'peer'],
  ['given a certificate', { tls: CERTIFIED }, { tls: 'TLSv1.3' }, 'cert'],
  ['with a certificate that no TLS could give', { tls: CERTIFIED }, {}, undefined],
  ['with a password', { tls: CERTIFIED }, { tls: 'TLSv1.3', auth: 'md5' }, undefined],
])('what let us in %s may be more than trust', async (_, change, found, authMayBe) => {
  const accepted = { tls: null, auth: 'trust', isBound: false, parameters: {}, backendPid: null };
  const login = async (): Promise<LoginResult> => ({
    ok: true,
    ...accepted,
    ...found,
    toldSetup: false,
  });
  const target: Target = { ...TARGET, ...change };
  const { server } = await preflight(target, [target.address], { timeoutUs: 1, login });
  expect(server.authMayBe).toBe(authMayBe);
});

const POOLERS_OWN = { code: '08P01', message: 'password authentication failed for user "x"' };

describe('preflight against servers of known behaviour', () => {
  let server: SharedServer | undefined;

  async function visit(
    behaviour: Behaviour,
    parameters: Record<string, string> = {},
    timeoutUs = 5_000_000,
  ) {
    server = await serveTest(behaviour);
    const url = new URL(server.url);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const env = { PGPASSFILE: '/nonexistent', HOME: '/nonexistent' };
    const resolved = await resolveTarget({ text: url.href, env });
    const [host] = resolved?.hosts ?? [];
    if (host === undefined) throw new Error('no target');
    return preflight(host.target, host.addresses, { timeoutUs });
  }

  it('goes on where the target tells nothing of itself', async () => {
    const { target, server: found, postmasterPid } = await visit({});
    expect(target.address).toBe('127.0.0.1');
    expect(found).toMatchObject({ slots: null, settings: {}, tls: null, serverRole: 'unknown' });
    expect(postmasterPid).toBeNull();
  });

  it('takes what the login says for what the server is', async () => {
    const { server: found } = await visit({ parameters: { in_hot_standby: 'on' } });
    expect(found.serverRole).toBe('standby');
  });

  it('inspects over TLS what it logged in to over TLS', async () => {
    const { server: found } = await visit({ sslReply: 'S' });
    expect(found.tls).toMatch(/^TLSv1/);
    expect((await server?.counters())?.logins).toBe(2);
  });

  it('goes on where a second connection is refused and its socket left open', async () => {
    const { server: found } = await visit({
      spareFirst: 1,
      refuseEvery: 1,
      refusal: { keepOpen: true },
    });
    expect(found).toMatchObject({ slots: null, pooler: null, auth: 'trust' });
  });

  it.each<[string, Behaviour, RegExp]>([
    ['speaks HTTP', { fault: { at: 'connect', how: 'http' } }, /does not speak the PostgreSQL/],
    [
      'closes at once',
      { fault: { at: 'connect', how: 'close' } },
      /accepted the connection and closed it without an answer: check that Postgres listens there\. Otherwise a proxy .* \(HAProxy/,
    ],
    [
      'reads, and resets without a word',
      { fault: { at: 'sslrequest', how: 'reset' } },
      /accepted the connection and closed it without an answer \(ECONNRESET\): check that Postgres listens there\. Otherwise a proxy/,
    ],
    [
      'closes after its first word',
      { auth: 'md5', fault: { at: 'ready', how: 'close' } },
      /closed the connection during the login, in ready, and did not say why/,
    ],
    [
      'is a pooler whose own login fails, and asks us for nothing',
      { auth: 'trust', refuseEvery: 1, refusal: POOLERS_OWN },
      /: the pooler asked for no password, so it is the login of a pooler to its own server/,
    ],
    [
      'is a pooler whose own login fails once it has taken ours',
      {
        auth: 'scram-sha-256',
        flushAuthenticationOk: true,
        refuseEvery: 1,
        refusal: { ...POOLERS_OWN, at: 'ready' },
      },
      /: the pooler accepted the password, so it is the login of a pooler to its own server/,
    ],
    [
      'is a pooler that does not say whose password was wrong',
      { auth: 'md5', refuseEvery: 1, refusal: { ...POOLERS_OWN, at: 'ready' } },
      /: check the password in the connection string, PGPASSWORD or/,
    ],
    ['is full', { refuseEvery: 1 }, /\(53300 sorry, too many clients already\): wait for free/],
  ])('says so where the target %s', async (_, behaviour, message) => {
    const visited = visit(behaviour);
    await expect(visited).rejects.toThrow(UnreachableError);
    await expect(visited).rejects.toThrow(message);
  });

  /** What an ordinary role may read, of a server with 100 slots of which it has 20 in use. */
  const READABLE = {
    pg_settings: [
      { name: 'server_version', value: '15.4' },
      { name: 'max_connections', value: '100' },
    ],
    pg_roles: [
      {
        superuser: false,
        role_limit: -1,
        database_limit: -1,
        used: 20,
        role_used: 5,
        database_used: 20,
      },
    ],
  };
  const TOLD = { totalMs: 1, forkMs: 0, authMs: 0, ageMs: 1 };

  it('finds no pooler before a server that begins a backend for each login', async () => {
    const { server: found } = await visit({ tables: READABLE, serverTimes: TOLD });
    expect(found).toMatchObject({ pooler: false, slots: { max: 100, free: 80 } });
    expect(found).not.toHaveProperty('between');
  });

  it.each(['another', 'none'] as const)(
    'claims no pooler and no bare server where each login has a backend that sees us elsewhere (port: %s)',
    async (seenPort) => {
      // As pgpool-II with a cold pool of several children, HAProxy, or address translation.
      const { target, server: found } = await visit({
        tables: READABLE,
        serverTimes: TOLD,
        seenPort,
      });
      expect(found).toMatchObject({ pooler: null, between: true, slots: { max: 100, free: 80 } });
      const times = await findServerTimes(target, found, { timeoutUs: 5_000_000 });
      expect(times.age).toBe(true);
      expect(explainServerTimes(times)).not.toContain('pooler');
    },
  );

  it("finds a pooler that hands on the backend's own pid, whether its pool is cold or warm", async () => {
    const pooler = { tables: READABLE, handsOnBackends: true };
    const { target, server: cold } = await visit(pooler);
    expect(cold).toMatchObject({ pooler: true, slots: null });
    const { server: warm } = await preflight(target, [target.address], { timeoutUs: 5_000_000 });
    expect(warm).toMatchObject({ pooler: true, slots: null });
    const times = await findServerTimes(target, warm, { timeoutUs: 5_000_000 });
    expect(times.age).toBe(false);
    expect(explainServerTimes(times)).toMatch(
      /queue waits will be missing: a pooler is in between/,
    );
  });

  it('does not know a pooler where no BackendKeyData comes, and has slots all the same', async () => {
    const { server: found } = await visit({
      tables: READABLE,
      serverTimes: TOLD,
      noBackendKey: true,
    });
    expect(found).toMatchObject({ pooler: null, slots: { free: 80 } });
  });

  it('takes an answer that is the same to every question for none', async () => {
    const { target, limits, server: found } = await visit({ serverTimes: TOLD });
    expect({ limits, slots: found.slots }).toEqual({ limits: null, slots: null });
    expect(await readLoginTriggers(target, found, 10_000_000)).toBeNull();
  });

  it('says why nothing could be read where the look itself was refused', async () => {
    const { server: found } = await visit({ refuseEvery: 1, spareFirst: 1, serverTimes: TOLD });
    const why = '53300 sorry, too many clients already';
    expect(found).toMatchObject({ slots: null, unread: { settings: why, slots: why } });
  });

  it('says that the password file that was named is not there, where a password is asked for', async () => {
    const visited = visit({ auth: 'scram-sha-256' }, { password: '' });
    await expect(visited).rejects.toThrow(
      /none was given \(the password file \/nonexistent is not there\): set the password/,
    );
  });

  const DOWN = {
    at: 'query',
    code: '08P01',
    message: 'server login has been failing, try again later (server_login_retry)',
  } as const;

  it('says the first error, not what the library makes of the connection that it ended', async () => {
    const behaviour: Behaviour = { refuseEvery: 1, refusal: DOWN, serverTimes: TOLD };
    const { server: found, unanswered } = await visit(behaviour);
    const why = `08P01 ${DOWN.message}`;
    expect(found).toMatchObject({ slots: null, unread: { settings: why, slots: why } });
    expect(unanswered).toBe(why);
  });

  it('says so where a pooler leaves the connection open behind its last word', async () => {
    const refusal = { ...DOWN, keepOpen: true };
    expect((await visit({ refuseEvery: 1, refusal })).unanswered).toBe(`08P01 ${DOWN.message}`);
  });

  it('waits for one answer only where none comes', async () => {
    const { unanswered } = await visit({ fault: { at: 'query', how: 'silence' } }, {}, 200_000);
    expect(unanswered).toBe('no answer in time');
    expect((await server?.counters())?.faults).toBe(1);
  });

  it('keeps what the login told where the second one finds no slot', async () => {
    expect(await visit({ refuseEvery: 1, spareFirst: 1 })).not.toHaveProperty('unanswered');
  });

  it('says nothing was unread where the server answers that it has no such thing', async () => {
    const { server: found } = await visit({ tables: {}, serverTimes: TOLD });
    expect(found).not.toHaveProperty('unread');
  });

  it('knows no slots of a server whose max_connections is -1, and which sends counts as text', async () => {
    const int8 = (value: number) => ({ int8: `${value}` });
    const settings = [{ name: 'max_connections', value: '-1' }];
    const [role] = READABLE.pg_roles;
    const counts = { used: int8(3), role_used: int8(2), database_used: int8(3) };
    const tables = { pg_settings: settings, pg_roles: [{ ...role, ...counts }] } as NonNullable<
      Behaviour['tables']
    >;
    const { server: found, limits } = await visit({ tables, serverTimes: TOLD });
    expect(found).toMatchObject({ pooler: false, slots: null });
    expect(limits?.role).toEqual({ limit: -1, used: 2 });
  });

  it.each<[string, Behaviour, RegExp]>([
    [
      'offers only mechanisms that we do not have',
      { auth: 'scram-sha-256', scram: { mechanisms: ['OAUTHBEARER'] } },
      /cannot be logged in to: the server offers only OAUTHBEARER, and connstorm supports SCRAM-SHA-256/,
    ],
    [
      'ends SCRAM with e=',
      { auth: 'scram-sha-256', scram: { error: 'invalid-proof' } },
      /refused the login of role "storm" .*invalid-proof\): check the password/,
    ],
    [
      'asks for too many iterations',
      { auth: 'scram-sha-256', scram: { iterations: 100_001 } },
      /asks for 100001 SCRAM iterations, and connection\.maxScramIterations allows 100000/,
    ],
  ])('says so where the target %s', async (_, behaviour, message) => {
    await expect(visit(behaviour)).rejects.toThrow(message);
  });

  it('does not say that a port without TLS offered it where it was not asked', async () => {
    const direct = { sslmode: 'require', sslnegotiation: 'direct' };
    const visited = visit({ fault: { at: 'tls', how: 'http' } }, direct);
    await expect(visited).rejects.toThrow(
      /answered the TLS handshake with something that is not TLS \(.*\): check the port; sslnegotiation=direct needs PostgreSQL 17 or later with TLS on$/,
    );
  });
});

describe('countSlots', () => {
  const row = {
    superuser: false,
    role_limit: -1,
    database_limit: -1,
    used: 20,
    role_used: 5,
    database_used: 10,
  };
  const settings = {
    max_connections: '100',
    superuser_reserved_connections: '3',
    reserved_connections: '2',
  };

  it.each([
    ['the server', {}, 75, undefined],
    ['a server that leaves less than the role', { role_limit: 80 }, 75, undefined],
    ['the role', { role_limit: 15 }, 10, { of: 'role', limit: 15, used: 5 }],
    ['the database', { database_limit: 30 }, 20, { of: 'database', limit: 30, used: 10 }],
    [
      'the lower of both',
      { role_limit: 15, database_limit: 12 },
      2,
      { of: 'database', limit: 12, used: 10 },
    ],
    ['a limit already exceeded', { role_limit: 3 }, 0, { of: 'role', limit: 3, used: 5 }],
    ['a role that may not connect', { role_limit: 0 }, 0, { of: 'role', limit: 0, used: 5 }],
  ])('leaves what %s leaves, and says whose limit it is', (_, limits, free, lower) => {
    const slots = countSlots({ ...row, ...limits }, settings);
    expect(slots).toEqual({ max: 100, reserved: 5, used: 20, free, lower });
  });

  it('gives a superuser the reserved slots and no other limit', () => {
    const superuser = { ...row, superuser: true, role_limit: 1, database_limit: 1 };
    expect(countSlots(superuser, settings)).toMatchObject({ reserved: 0, free: 80 });
  });

  it.each(['-1', '0', '-2'])('knows no limit where max_connections is %s', (max_connections) => {
    expect(countSlots(row, { ...settings, max_connections })).toBeNull();
    const superuser = { ...row, superuser: true, role_limit: 5 };
    expect(countSlots(superuser, { ...settings, max_connections })).toBeNull();
    expect(countSlots({ ...row, role_limit: 15 }, { ...settings, max_connections })).toMatchObject({
      free: 10,
      lower: { of: 'role', limit: 15, used: 5 },
    });
  });

  it('takes reserved slots below 0, or that are no number, for none', () => {
    const odd = { superuser_reserved_connections: '-1', reserved_connections: '' };
    expect(countSlots(row, { max_connections: '100', ...odd })).toMatchObject({
      reserved: 0,
      free: 80,
    });
  });

  it('reads limits that kin of Postgres send as text, or do not know', () => {
    const told = {
      superuser: false,
      role_limit: null,
      database_limit: '-1',
      used: '20',
      role_used: null,
      database_used: '10',
    } as unknown as typeof row;
    expect(countSlots(told, settings)).toEqual({ max: 100, reserved: 5, used: 20, free: 75 });
    expect(countSlots({ ...told, database_limit: '30' as never }, settings)).toMatchObject({
      free: 20,
      lower: { of: 'database', limit: 30, used: 10 },
    });
  });

  it('knows servers without reserved_connections, and without any limit', () => {
    const { reserved_connections: _, ...older } = settings;
    expect(countSlots(row, older)).toMatchObject({ reserved: 3, free: 77 });
    expect(countSlots(row, {})).toBeNull();
  });
});
