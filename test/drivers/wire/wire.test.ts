import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/drivers/driver.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { DELAY_MS, expectDelayIn, readPhases, timeOut } from '../../support/phases.ts';
import { type Behaviour, waitForCounters } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';
import { localEndpoint, openAttempt, openAttempts } from '../../support/synthetic/open-attempt.ts';

let server: SharedServer;
const start = async (behaviour: Behaviour = {}): Promise<SharedServer> => {
  server = await serveTest(behaviour);
  return server;
};

describe('phases', () => {
  it.each<[string, Behaviour, 'disable' | 'prefer' | 'require', string, string[]]>([
    ['trust behind SSLRequest', {}, 'prefer', 'sslrequest', ['tcp', 'spawn', 'ready']],
    ['plain trust', {}, 'disable', 'absent', ['tcp', 'ready']],
    [
      'TLS and password',
      { sslReply: 'S', auth: 'password' },
      'prefer',
      'sslrequest',
      ['tcp', 'spawn', 'tls', 'auth', 'ready'],
    ],
    ['md5', { auth: 'md5' }, 'disable', 'auth-request', ['tcp', 'spawn', 'auth', 'ready']],
    [
      'SCRAM',
      { auth: 'scram-sha-256' },
      'disable',
      'auth-request',
      ['tcp', 'spawn', 'auth', 'ready'],
    ],
    [
      'SCRAM behind SSLRequest',
      { auth: 'scram-sha-256' },
      'prefer',
      'sslrequest',
      ['tcp', 'spawn', 'auth', 'ready'],
    ],
    ['TLS and trust', { sslReply: 'S' }, 'require', 'sslrequest', ['tcp', 'spawn', 'tls', 'ready']],
    [
      'TLS and SCRAM',
      { sslReply: 'S', auth: 'scram-sha-256' },
      'prefer',
      'sslrequest',
      ['tcp', 'spawn', 'tls', 'auth', 'ready'],
    ],
  ])(
    '%s has its boundary and its phases, which sum up to the service time',
    async (_, behaviour, sslmode, boundary, names) => {
      const { port } = await start(behaviour);
      const { attempt, outcome, failure, connection } = await openAttempt(
        localEndpoint(port, { sslmode }),
      );
      expect(failure).toBeUndefined();
      expect({ outcome, connection, boundary: attempt.boundary }).toEqual({
        outcome: 'ok',
        connection: 'closed',
        boundary,
      });
      const phases = readPhases(attempt);
      expect(Object.keys(phases)).toEqual(names);
      const sum = Object.values(phases).reduce((total, us) => total + us, 0);
      expect(sum).toBe(attempt.readyUs - attempt.startUs);
    },
  );

  it.each<[string, Behaviour, string]>([
    ['before the reply to SSLRequest', { sslReplyDelayMs: DELAY_MS }, 'spawn'],
    ['before the SASL continue', { authDelayMs: DELAY_MS }, 'auth'],
    ['before ReadyForQuery', { readyDelayMs: DELAY_MS }, 'ready'],
  ])('a delay %s is all in that phase', async (_, delay, phase) => {
    const { port } = await start({ auth: 'scram-sha-256', ...delay });
    await expectDelayIn(phase, async () => {
      // The second attempt knows its salted password already: PBKDF2 is in no phase.
      const [, story] = await openAttempts(localEndpoint(port), {}, 2);
      return readPhases((story as { attempt: Attempt }).attempt);
    });
  });
});

describe('logins', () => {
  it.each<[string, Behaviour]>([
    ['byte by byte', { splitWrites: true }],
    ['with notices between all messages', { notices: 3 }],
    ['after NegotiateProtocolVersion', { negotiateProtocolVersion: true }],
    ['with AuthenticationOk ahead of its time', { flushAuthenticationOk: true, readyDelayMs: 20 }],
    ['when SCRAM-SHA-256-PLUS is offered too', { sslReply: 'S', scram: { advertisePlus: true } }],
  ])('succeed %s', async (_, behaviour) => {
    const { port } = await start({ auth: 'scram-sha-256', ...behaviour });
    const { outcome, connection, failure } = await openAttempt(localEndpoint(port), { queries: 2 });
    expect(failure).toBeUndefined();
    expect({ outcome, connection }).toEqual({ outcome: 'ok', connection: 'closed' });
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({
      logins: 1,
      queries: 2,
      terminates: 1,
      abandoned: 0,
      complaints: [],
    });
  });

  it('say who they are', async () => {
    const { port } = await start();
    await openAttempt(localEndpoint(port, { database: 'other' }));
    const { parameters } = await server.counters();
    expect(parameters).toMatchObject({
      user: 'storm',
      database: 'other',
      application_name: 'connstorm',
    });
  });

  it('run PBKDF2 once for one salt, however many connects', async () => {
    const { port } = await start({ auth: 'scram-sha-256' });
    const stories = await openAttempts(localEndpoint(port), {}, 4);
    expect(stories.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(stories.at(-1)?.scram).toMatchObject({ derivations: 1, salts: 1 });
  });

  it('run PBKDF2 each time without the cache, and when the salt is always new', async () => {
    const { port } = await start({ auth: 'scram-sha-256' });
    const uncached = await openAttempts(localEndpoint(port), { scramCache: false }, 3);
    expect(uncached.at(-1)?.scram).toMatchObject({ derivations: 3, salts: 1 });
    await server.stop();
    const fresh = await start({ auth: 'scram-sha-256', scram: { freshSalt: true } });
    const stories = await openAttempts(localEndpoint(fresh.port), {}, 3);
    expect(stories.at(-1)?.scram).toMatchObject({ derivations: 3, salts: 3 });
  });
});

describe('failures', () => {
  const ERROR = {
    layer: 'server',
    code: '53300',
    message: 'sorry, too many clients already',
  } as const;
  it.each<[string, Behaviour, Partial<Failure>, Parameters<typeof localEndpoint>[1]?]>([
    ['a refusal after the StartupMessage', { refuseEvery: 1 }, { ...ERROR, phase: 'auth' }],
    [
      'a refusal without SSLRequest',
      { refuseEvery: 1 },
      { ...ERROR, phase: 'spawn' },
      { sslmode: 'disable' },
    ],
    [
      'a refusal in reply to SSLRequest',
      { refuseEvery: 1, refusal: { at: 'sslrequest' } },
      { ...ERROR, phase: 'spawn' },
    ],
    ['FATAL that leaves the socket open', { refuseEvery: 1, refusal: { keepOpen: true } }, ERROR],
    ['ReadyForQuery after FATAL', { refuseEvery: 1, refusal: { thenReady: true } }, ERROR],
    [
      'a text of protocol 2',
      { refuseEvery: 1, refusal: { v2: true, message: 'could not fork new process' } },
      { layer: 'server', code: 'V2_ERROR', message: 'could not fork new process' },
    ],
    [
      'a text of protocol 2 in reply to SSLRequest',
      { refuseEvery: 1, refusal: { at: 'sslrequest', v2: true } },
      { layer: 'server', code: 'V2_ERROR', phase: 'spawn' },
    ],
    [
      'a wrong password',
      { auth: 'scram-sha-256' },
      { layer: 'server', code: '28P01', phase: 'ready' },
      { password: 'wrong' },
    ],
    [
      'a wrong md5 password',
      { auth: 'md5' },
      { layer: 'server', code: '28P01', phase: 'ready' },
      { password: 'wrong' },
    ],
    [
      'no password at all',
      { auth: 'md5' },
      { layer: 'server', code: 'NO_PASSWORD', phase: 'auth' },
      { password: undefined },
    ],
    [
      'a forged server signature',
      { auth: 'scram-sha-256', scram: { badServerSignature: true } },
      { layer: 'protocol', code: 'BAD_SIGNATURE', phase: 'ready' },
    ],
    [
      'a nonce that does not begin with that of connstorm',
      { auth: 'scram-sha-256', scram: { badNonce: true } },
      { layer: 'protocol', code: 'BAD_SCRAM', phase: 'auth' },
    ],
    [
      'no TLS where it is required',
      {},
      { layer: 'server', code: 'NO_TLS', phase: 'tls' },
      { sslmode: 'require' },
    ],
    [
      'bytes stuffed behind N',
      { sslReply: 'N-with-more' },
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
    ],
    [
      'bytes stuffed behind S',
      { sslReply: 'S-with-more' },
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
    ],
    [
      'S and then no TLS',
      { sslReply: 'S', fault: { at: 'tls', how: 'garbage' } },
      { layer: 'protocol', phase: 'tls' },
    ],
    [
      'a close in the handshake',
      { sslReply: 'S', fault: { at: 'tls', how: 'close' } },
      { layer: 'network', phase: 'tls' },
    ],
    [
      'a close on accept',
      { fault: { at: 'connect', how: 'close' } },
      { layer: 'network', code: 'CLOSED', phase: 'spawn' },
    ],
    [
      'a close after the StartupMessage',
      { fault: { at: 'startup', how: 'close' } },
      { layer: 'network', code: 'CLOSED', phase: 'auth' },
    ],
    [
      'a reset',
      { fault: { at: 'startup', how: 'reset' } },
      { layer: 'network', code: 'ECONNRESET', phase: 'auth' },
    ],
    [
      'a web server',
      { fault: { at: 'sslrequest', how: 'http' } },
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
    ],
    [
      'a web server without SSLRequest',
      { fault: { at: 'startup', how: 'http' } },
      { layer: 'protocol', code: 'NOT_POSTGRES', phase: 'spawn' },
      { sslmode: 'disable' },
    ],
    [
      'garbage',
      { fault: { at: 'startup', how: 'garbage' } },
      { layer: 'protocol', code: 'NOT_POSTGRES' },
    ],
    [
      'a message of a gigabyte',
      { fault: { at: 'startup', how: 'huge-length' } },
      { layer: 'protocol', code: 'NOT_POSTGRES' },
    ],
    [
      'half a message and a close',
      { auth: 'scram-sha-256', closeAfterBytes: 12 },
      { layer: 'network', code: 'CLOSED', phase: 'auth' },
    ],
  ])('%s ends the attempt at once, classified', async (_, behaviour, expected, over) => {
    const { port } = await start(behaviour);
    const story = await openAttempt(localEndpoint(port, over));
    expect(story.outcome).toBe('failed');
    expect(story.failure).toMatchObject(expected);
    expect(story.failure?.message).not.toBe('');
  });

  it.each<[string, Behaviour, string]>([
    ['never answers', { fault: { at: 'sslrequest', how: 'silence' } }, 'spawn'],
    ['stops in the handshake', { sslReply: 'S', fault: { at: 'tls', how: 'silence' } }, 'tls'],
    ['stops after the StartupMessage', { fault: { at: 'startup', how: 'silence' } }, 'auth'],
    ['sends notices without end', { fault: { at: 'startup', how: 'endless-notices' } }, 'auth'],
    [
      'stops before ReadyForQuery',
      { auth: 'md5', fault: { at: 'ready', how: 'silence' } },
      'ready',
    ],
  ])('a server that %s is a timeout in that phase', async (_, behaviour, phase) => {
    const { port } = await start(behaviour);
    const { failure } = await timeOut(phase, (timeoutUs) =>
      openAttempt(localEndpoint(port), { timeoutUs }),
    );
    expect(failure).toMatchObject({ phase });
  });

  it('an answer that came in time is no timeout, though we were held up when it came', async () => {
    const { port } = await start({ readyDelayMs: 50 });
    const story = await openAttempt(localEndpoint(port), { timeoutUs: 150_000 }, () => {
      setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400), 40);
    });
    expect(story.failure).toBeUndefined();
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
  });

  it("a proof that we compute too slowly is our failure, not the server's", async () => {
    const { port } = await start({ auth: 'scram-sha-256', scram: { iterations: 4_000_000 } });
    const endpoint = localEndpoint(port, { maxScramIterations: 4_000_000 });
    const story = await openAttempt(endpoint, { timeoutUs: 200_000 });
    expect(story.failure).toMatchObject({ layer: 'local', code: 'SCRAM_CPU', phase: 'auth' });
  });

  it('a text without end is cut, by whole characters', async () => {
    const { port } = await start({
      refuseEvery: 1,
      refusal: { code: '5'.repeat(3000), message: '\u{1f418}'.repeat(3000) },
    });
    const { failure } = await openAttempt(localEndpoint(port));
    expect(failure?.code).toBe('XX000');
    expect(failure?.message).toBe(`${'\u{1f418}'.repeat(197)}...`);
  });

  it('a closed port is refused in tcp', async () => {
    await start();
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const { failure } = await openAttempt(localEndpoint(port));
    expect(failure).toMatchObject({ layer: 'network', phase: 'tcp', code: 'ECONNREFUSED' });
  });
});

describe('after ReadyForQuery', () => {
  it('a failing query belongs to the connection, the attempt stays ok', async () => {
    const { port } = await start({ fault: { at: 'query', how: 'query-error' } });
    const story = await openAttempt(localEndpoint(port), { queries: 1 });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'queryFailed' });
    expect(story.connectionFailure).toMatchObject({ layer: 'server', phase: 'query' });
  });

  it('a query without an answer fails after the timeout', async () => {
    const { port } = await start({ fault: { at: 'query', how: 'silence' } });
    const story = await timeOut('query', (timeoutUs) =>
      openAttempt(localEndpoint(port), { queries: 1, timeoutUs }),
    );
    expect(story.connectionFailure).toMatchObject({ layer: 'timeout', phase: 'query' });
  });

  it('a held connection that the server ends is cut, with what the server said', async () => {
    const { port } = await start({ cutAfterMs: 30 });
    const story = await openAttempt(localEndpoint(port), { holdUs: 'end' });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'cut' });
    expect(story.connectionFailure).toMatchObject({ layer: 'server', code: '57P01' });
  });

  it('a hold lasts as long as it says and ends with Terminate', async () => {
    const { port } = await start();
    const startMs = performance.now();
    const story = await openAttempt(localEndpoint(port), { holdUs: 80_000 });
    expect(story.connection).toBe('closed');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(78);
    await waitForCounters(server, ({ terminates, open }) => terminates === 1 && open === 0);
  });

  it('closeConnections ends what is held until the end, under TLS too', async () => {
    const { port } = await start({ sslReply: 'S' });
    const story = await openAttempt(localEndpoint(port), { holdUs: 'end' }, (driver) => {
      const poll = setInterval(() => driver.closeConnections(), 20);
      poll.unref();
    });
    expect(story.connection).toBe('closed');
    const { abandoned } = await waitForCounters(
      server,
      ({ terminates, open }) => terminates === 1 && open === 0,
    );
    expect(abandoned).toBe(0);
  });

  it('cancelAttempts ends an attempt that is under way, and nothing follows', async () => {
    const { port } = await start({ readyDelayMs: 200 });
    const story = await openAttempt(localEndpoint(port), {}, (driver) =>
      setImmediate(() => driver.cancelAttempts()),
    );
    expect(story).toMatchObject({ outcome: 'cancelled' });
    expect(story.connection).toBeUndefined();
  });
});
