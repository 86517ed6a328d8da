import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/drivers/endpoint.ts';
import type { Failure } from '../../src/model/measures.ts';
import { readRequireAuth } from '../../src/targets/naming/settings/require-auth.ts';
import { DELAY_MS, expectDelayIn, readPhases, timeOut } from '../support/phases.ts';
import { errorResponse, message, saslMechanisms } from '../support/servers/known/messages.js';
import { type Behaviour, waitForCounters } from '../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../support/servers/shared-server.ts';
import {
  type AttemptStory,
  localEndpoint,
  openAttempt,
  openAttempts,
  TESTED_DRIVERS,
  type TestedDriver,
} from '../support/synthetic/open-attempt.ts';

/** What holds whatever opens the connections. Without sslmode=prefer, which pg does not know. */

let server: SharedServer;
const start = async (behaviour: Behaviour = {}): Promise<SharedServer> => {
  server = await serveTest(behaviour);
  return server;
};

const PLAIN = { sslmode: 'disable' } as const;
const CLEARTEXT = { ...PLAIN, requireAuth: readRequireAuth('password', 'test') };
const ENCRYPTED = { sslmode: 'require' } as const;

describe.each(Object.keys(TESTED_DRIVERS) as TestedDriver[])('the %s driver', (driver) => {
  const attempt = (over: Partial<Endpoint>, plan = {}) =>
    openAttempt(localEndpoint(server.port, over), plan, undefined, driver);

  it.each<[string, Behaviour, Partial<Endpoint>, string, string[]]>([
    ['plain trust', {}, PLAIN, 'absent', ['tcp', 'ready']],
    [
      'password',
      { auth: 'password' },
      CLEARTEXT,
      'auth-request',
      ['tcp', 'spawn', 'auth', 'ready'],
    ],
    ['md5', { auth: 'md5' }, PLAIN, 'auth-request', ['tcp', 'spawn', 'auth', 'ready']],
    ['SCRAM', { auth: 'scram-sha-256' }, PLAIN, 'auth-request', ['tcp', 'spawn', 'auth', 'ready']],
    ['TLS and trust', { sslReply: 'S' }, ENCRYPTED, 'sslrequest', ['tcp', 'spawn', 'tls', 'ready']],
    [
      'TLS and SCRAM',
      { sslReply: 'S', auth: 'scram-sha-256' },
      ENCRYPTED,
      'sslrequest',
      ['tcp', 'spawn', 'tls', 'auth', 'ready'],
    ],
  ])(
    'takes %s apart: boundary, phases, and a sum that is the service time',
    async (_, behaviour, over, boundary, names) => {
      await start(behaviour);
      const story = await attempt(over);
      expect(story.failure).toBeUndefined();
      expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
      expect(story.attempt.boundary).toBe(boundary);
      const phases = readPhases(story.attempt);
      expect(Object.keys(phases)).toEqual(names);
      const sum = Object.values(phases).reduce((total, us) => total + us, 0);
      expect(sum).toBe(story.attempt.readyUs - story.attempt.startUs);
    },
  );

  it.each<[string, Behaviour, Partial<Endpoint>, string]>([
    ['the reply to SSLRequest', { sslReply: 'S', sslReplyDelayMs: DELAY_MS }, ENCRYPTED, 'spawn'],
    ['the hello of TLS', { sslReply: 'S', tlsDelayMs: DELAY_MS }, ENCRYPTED, 'tls'],
    ['the SASL continue', { auth: 'scram-sha-256', authDelayMs: DELAY_MS }, PLAIN, 'auth'],
    ['ReadyForQuery', { auth: 'scram-sha-256', readyDelayMs: DELAY_MS }, PLAIN, 'ready'],
  ])('finds a delay before %s in that phase alone', async (_, behaviour, over, phase) => {
    const { port } = await start(behaviour);
    await expectDelayIn(phase, async () => {
      // The second attempt pays for no loading of code.
      const stories = await openAttempts(localEndpoint(port, over), {}, 2, undefined, driver);
      return readPhases((stories[1] as AttemptStory).attempt);
    });
  });

  it('finds a delay before the first result in the query', async () => {
    await start({ queryDelayMs: DELAY_MS });
    await expectDelayIn('query', async () => {
      const { attempt: timed, connection } = await attempt(PLAIN, { queries: 1 });
      expect(connection).toBe('closed');
      return { ...readPhases(timed), query: timed.queriedUs - timed.readyUs };
    });
  });

  it.each<[string, Behaviour]>([
    ['byte by byte', { splitWrites: true }],
    ['with notices between all messages', { notices: 3 }],
    ['with AuthenticationOk ahead of its time', { flushAuthenticationOk: true, readyDelayMs: 20 }],
    ['where SCRAM-SHA-256-PLUS is offered too', { sslReply: 'S', scram: { advertisePlus: true } }],
  ])('logs in %s, queries, and says Terminate', async (_, behaviour) => {
    await start({ auth: 'scram-sha-256', ...behaviour });
    const { outcome, connection, failure } = await attempt(
      behaviour.sslReply === 'S' ? ENCRYPTED : PLAIN,
      { queries: 2 },
    );
    expect({ outcome, connection, failure }).toEqual({ outcome: 'ok', connection: 'closed' });
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({
      logins: 1,
      queries: 2,
      terminates: 1,
      abandoned: 0,
      complaints: [],
    });
  });

  it('says who it is, whatever the environment says', async () => {
    await start();
    process.env.PGOPTIONS = '-c work_mem=1MB';
    try {
      await attempt({ ...PLAIN, database: 'other' });
    } finally {
      delete process.env.PGOPTIONS;
    }
    const { parameters } = await server.counters();
    expect(parameters).toMatchObject({
      user: 'storm',
      database: 'other',
      application_name: 'connstorm',
    });
    expect(parameters).not.toHaveProperty('options');
  });

  const CLOSED = 'the server closed the connection';
  const UNHEARD = '(it accepted the connection and sent nothing)';
  const CLOSED_UNHEARD = `${CLOSED} ${UNHEARD}`;
  const RESET_UNHEARD = `read ECONNRESET ${UNHEARD}`;
  const FULL = {
    layer: 'server',
    code: '53300',
    message: 'sorry, too many clients already',
  } as const;
  const BEFORE_LOGIN = {
    layer: 'protocol',
    phase: 'spawn',
    code: 'NOT_POSTGRES',
    message: 'not Postgres: got ReadyForQuery before the login',
  } as const;
  it.each<[string, Behaviour, Partial<Endpoint>, Partial<Failure>]>([
    ['a refusal', { refuseEvery: 1 }, PLAIN, { ...FULL, phase: 'spawn' }],
    [
      'a refusal in reply to SSLRequest',
      { refuseEvery: 1, refusal: { at: 'sslrequest' } },
      ENCRYPTED,
      { ...FULL, phase: 'spawn' },
    ],
    ['FATAL and an open socket', { refuseEvery: 1, refusal: { keepOpen: true } }, PLAIN, FULL],
    ['ReadyForQuery after FATAL', { refuseEvery: 1, refusal: { thenReady: true } }, PLAIN, FULL],
    [
      'a text of protocol 2 in reply to SSLRequest',
      { refuseEvery: 1, refusal: { at: 'sslrequest', v2: true } },
      ENCRYPTED,
      { layer: 'server', code: 'V2_ERROR', phase: 'spawn' },
    ],
    [
      'a wrong password',
      { auth: 'scram-sha-256' },
      { ...PLAIN, password: 'wrong' },
      { layer: 'server', code: '28P01', phase: 'ready' },
    ],
    [
      'no password for SCRAM',
      { auth: 'scram-sha-256' },
      { ...PLAIN, password: undefined },
      { layer: 'server', code: 'NO_PASSWORD', phase: 'auth' },
    ],
    [
      'no password for md5',
      { auth: 'md5' },
      { ...PLAIN, password: undefined },
      { layer: 'server', code: 'NO_PASSWORD', phase: 'auth' },
    ],
    [
      'a cleartext password without TLS',
      { auth: 'password' },
      PLAIN,
      { layer: 'server', code: 'CLEARTEXT_PASSWORD', phase: 'auth' },
    ],
    [
      'a login that require_auth does not allow',
      { auth: 'md5' },
      { ...PLAIN, requireAuth: readRequireAuth('scram-sha-256', 'test') },
      { layer: 'server', code: 'AUTH_NOT_ALLOWED', phase: 'auth' },
    ],
    [
      'a login unasked that require_auth does not allow',
      {},
      { ...PLAIN, requireAuth: readRequireAuth('!none', 'test') },
      { layer: 'server', code: 'AUTH_NOT_ALLOWED' },
    ],
    [
      'a forged server signature',
      { auth: 'scram-sha-256', scram: { badServerSignature: true } },
      PLAIN,
      { layer: 'protocol', code: 'BAD_SIGNATURE', phase: 'ready' },
    ],
    [
      'an Ok without a server signature',
      { auth: 'scram-sha-256', scram: { noServerSignature: true } },
      PLAIN,
      { layer: 'protocol', code: 'BAD_SIGNATURE', phase: 'ready' },
    ],
    [
      'a nonce that does not begin with that of connstorm',
      { auth: 'scram-sha-256', scram: { badNonce: true } },
      PLAIN,
      { layer: 'protocol', code: 'BAD_SCRAM', phase: 'auth' },
    ],
    ['no TLS', {}, ENCRYPTED, { layer: 'server', code: 'NO_TLS', phase: 'tls' }],
    [
      'bytes stuffed behind S',
      { sslReply: 'S-with-more' },
      ENCRYPTED,
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
    ],
    [
      'S and then no TLS',
      { sslReply: 'S', fault: { at: 'tls', how: 'garbage' } },
      ENCRYPTED,
      { layer: 'protocol', phase: 'tls' },
    ],
    [
      'a close in the handshake',
      { sslReply: 'S', fault: { at: 'tls', how: 'close' } },
      ENCRYPTED,
      { layer: 'network', phase: 'tls' },
    ],
    [
      'a close on accept',
      { fault: { at: 'connect', how: 'close' } },
      PLAIN,
      { layer: 'network', code: 'CLOSED', phase: 'spawn', message: CLOSED_UNHEARD },
    ],
    [
      'a reset',
      { fault: { at: 'startup', how: 'reset' } },
      PLAIN,
      { layer: 'network', code: 'ECONNRESET', phase: 'spawn', message: RESET_UNHEARD },
    ],
    [
      'a close in place of the reply to SSLRequest',
      { fault: { at: 'sslrequest', how: 'close' } },
      ENCRYPTED,
      { layer: 'network', code: 'CLOSED', phase: 'spawn', message: CLOSED_UNHEARD },
    ],
    [
      'a close after the first word',
      { auth: 'md5', fault: { at: 'ready', how: 'close' } },
      PLAIN,
      { layer: 'network', code: 'CLOSED', phase: 'ready', message: CLOSED },
    ],
    [
      'a close in the midst of the first word',
      { auth: 'md5', closeAfterBytes: 3 },
      PLAIN,
      { phase: 'spawn', message: expect.not.stringContaining('not a word') },
    ],
    [
      'a web server',
      { fault: { at: 'sslrequest', how: 'http' } },
      ENCRYPTED,
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
    ],
    [
      'ReadyForQuery without a login',
      { fault: { at: 'startup', how: 'ready-alone' } },
      PLAIN,
      BEFORE_LOGIN,
    ],
    [
      'ReadyForQuery without the login that require_auth wants',
      { fault: { at: 'startup', how: 'ready-alone' } },
      { ...PLAIN, requireAuth: readRequireAuth('scram-sha-256', 'test') },
      BEFORE_LOGIN,
    ],
    [
      'ReadyForQuery in the midst of a login',
      { auth: 'scram-sha-256', fault: { at: 'auth', how: 'ready-alone' } },
      PLAIN,
      { ...BEFORE_LOGIN, phase: 'auth' },
    ],
    [
      'half a message and a close',
      { auth: 'scram-sha-256', closeAfterBytes: 12 },
      PLAIN,
      { layer: 'network', code: 'CLOSED' },
    ],
  ])('classifies %s', async (_, behaviour, over, expected) => {
    await start(behaviour);
    const story = await attempt(over);
    expect(story.outcome).toBe('failed');
    expect(story.failure).toMatchObject(expected);
    expect(story.failure?.message).not.toBe('');
  });

  it.each<[string, Buffer, Partial<Failure>]>([
    [
      // pg-protocol throws at it from inside its socket listener.
      'an authentication that it has no answer to',
      message('R', Buffer.from([0, 0, 0, 2])),
      { layer: 'server', code: 'UNSUPPORTED_AUTH', phase: 'auth' },
    ],
    [
      'SASL without SCRAM',
      saslMechanisms(['OAUTHBEARER']),
      { layer: 'server', code: 'UNSUPPORTED_AUTH', phase: 'auth' },
    ],
    [
      'an error without a SQLSTATE',
      message('E', Buffer.from('SFATAL\0Modd\0\0')),
      { layer: 'server', code: 'XX000', message: 'odd', phase: 'spawn' },
    ],
    [
      // pg-protocol looks for the end of its fields for ever.
      'an error without an end',
      message('E', Buffer.from('SFATAL\0C53300\0Msorry')),
      { layer: 'server', code: '53300', message: 'sorry', phase: 'spawn' },
    ],
    [
      'a text of protocol 2',
      Buffer.from('Ecould not fork\n\0'),
      { layer: 'server', code: 'V2_ERROR', message: 'could not fork', phase: 'spawn' },
    ],
    [
      'a message of a type that is none',
      message('!', Buffer.from('what')),
      { layer: 'protocol', code: 'NOT_POSTGRES', message: "not Postgres: got message '!'" },
    ],
    [
      'an error, whatever nonsense follows it at once',
      Buffer.concat([errorResponse('FATAL', '57P03', 'starting up'), Buffer.from('E\0\0\0\x01')]),
      { layer: 'server', code: '57P03', phase: 'spawn' },
    ],
  ])('classifies %s', async (_, reply, expected) => {
    const odd = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(reply));
    }).listen(0, '127.0.0.1');
    await once(odd, 'listening');
    await start();
    const { port } = odd.address() as AddressInfo;
    const { outcome, failure } = await attempt({ ...PLAIN, port });
    expect(outcome).toBe('failed');
    expect(failure).toMatchObject(expected);
    odd.close();
    await once(odd, 'close');
  });

  it.each<[string, Behaviour, Partial<Endpoint>, string]>([
    ['never answers', { fault: { at: 'startup', how: 'silence' } }, PLAIN, 'spawn'],
    [
      'never answers SSLRequest',
      { fault: { at: 'sslrequest', how: 'silence' } },
      ENCRYPTED,
      'spawn',
    ],
    [
      'stops in the handshake',
      { sslReply: 'S', fault: { at: 'tls', how: 'silence' } },
      ENCRYPTED,
      'tls',
    ],
    [
      'sends notices without end',
      { fault: { at: 'startup', how: 'endless-notices' } },
      PLAIN,
      'spawn',
    ],
    [
      'stops before ReadyForQuery',
      { auth: 'md5', fault: { at: 'ready', how: 'silence' } },
      PLAIN,
      'ready',
    ],
  ])('times out in its phase at a server that %s', async (_, behaviour, over, phase) => {
    await start(behaviour);
    const story = await timeOut(phase, (timeoutUs) => attempt(over, { timeoutUs }));
    expect(story.failure).toMatchObject({ phase });
  });

  it.each<[NonNullable<Behaviour['fault']>['at'], Behaviour, 'failed' | 'ok']>([
    ['connect', {}, 'failed'],
    ['sslrequest', { sslReply: 'S' }, 'failed'],
    ['tls', { sslReply: 'S' }, 'failed'],
    ['startup', { sslReply: 'S' }, 'failed'],
    ['auth', { sslReply: 'S', auth: 'scram-sha-256' }, 'failed'],
    ['ready', { sslReply: 'S', auth: 'scram-sha-256' }, 'failed'],
    ['query', { sslReply: 'S' }, 'ok'],
  ])('says that the server closed in the place of its answer at %s', async (at, rest, outcome) => {
    await start({ ...rest, fault: { at, how: 'close' } });
    const story = await attempt(ENCRYPTED, { queries: 1 });
    const failure = { layer: 'network', code: expect.stringMatching(/^(CLOSED|ECONNRESET)$/) };
    expect(story).toMatchObject(
      outcome === 'failed'
        ? { outcome, failure }
        : { outcome, connection: 'queryFailed', connectionFailure: failure },
    );
    expect((story.connectionEndUs ?? story.endUs) - story.attempt.startUs).toBeLessThan(5_000_000);
  });

  it('is refused by a closed port in tcp', async () => {
    const { port } = await start();
    await server.stop();
    const { failure } = await openAttempt(localEndpoint(port, PLAIN), {}, undefined, driver);
    expect(failure).toMatchObject({ layer: 'network', phase: 'tcp', code: 'ECONNREFUSED' });
  });

  it('leaves an attempt ok whose query fails or gets no answer', async () => {
    await start({ fault: { at: 'query', how: 'query-error' } });
    const failed = await attempt(PLAIN, { queries: 1 });
    expect(failed).toMatchObject({ outcome: 'ok', connection: 'queryFailed' });
    expect(failed.connectionFailure).toMatchObject({ layer: 'server', phase: 'query' });
    await server.stop();
    await start({ fault: { at: 'query', how: 'silence' } });
    const silent = await timeOut('query', (timeoutUs) => attempt(PLAIN, { queries: 1, timeoutUs }));
    expect(silent).toMatchObject({ outcome: 'ok', connection: 'queryFailed' });
    expect(silent.connectionFailure).toMatchObject({ layer: 'timeout', phase: 'query' });
  });

  it('has a held connection cut with what the server said', async () => {
    await start({ cutAfterMs: 30 });
    const story = await attempt(PLAIN, { holdUs: 'end' });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'cut' });
    expect(story.connectionFailure).toMatchObject({
      layer: 'server',
      phase: 'hold',
      code: '57P01',
    });
  });

  it('holds as long as asked', async () => {
    await start();
    const startMs = performance.now();
    const story = await attempt(PLAIN, { holdUs: 80_000 });
    expect(story.connection).toBe('closed');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
  });

  it('closes at once what is held until the end, with Terminate, under TLS too', async () => {
    const { port } = await start({ sslReply: 'S' });
    const story = await openAttempt(
      localEndpoint(port, ENCRYPTED),
      { holdUs: 'end' },
      (opened) => {
        const poll = setInterval(() => opened.closeConnections(), 20);
        poll.unref();
      },
      driver,
    );
    expect(story.connection).toBe('closed');
    const { abandoned } = await waitForCounters(
      server,
      ({ terminates, open }) => terminates === 1 && open === 0,
    );
    expect(abandoned).toBe(0);
  });

  it('cancels an attempt under way, and nothing follows', async () => {
    const { port } = await start({ readyDelayMs: 200 });
    const story = await openAttempt(
      localEndpoint(port, PLAIN),
      {},
      (opened) => setImmediate(() => opened.cancelAttempts()),
      driver,
    );
    expect(story).toMatchObject({ outcome: 'cancelled' });
    expect(story.connection).toBeUndefined();
  });
});

describe('the pg driver alone', () => {
  it('derives at every SCRAM login, and counts it', async () => {
    const { port } = await start({ auth: 'scram-sha-256' });
    const stories = await openAttempts(localEndpoint(port, PLAIN), {}, 3, undefined, 'pg');
    expect(stories.at(-1)?.scram).toMatchObject({ derivations: 3, salts: 1 });
  });

  it.each(['huge-length', 'garbage'] as const)(
    'waits for the rest of what claims to be a long message (%s), until the timeout',
    async (how) => {
      const { port } = await start({ fault: { at: 'startup', how } });
      const { failure } = await timeOut('spawn', (timeoutUs) =>
        openAttempt(localEndpoint(port, PLAIN), { timeoutUs }, undefined, 'pg'),
      );
      expect(failure).toMatchObject({ phase: 'spawn' });
    },
  );

  it('refuses to be created for sslmode=prefer', async () => {
    const { port } = await start();
    await expect(openAttempt(localEndpoint(port), {}, undefined, 'pg')).rejects.toThrow(/prefer/);
  });
});
