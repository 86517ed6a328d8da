import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type Behaviour, startDuring, waitForCounters } from './known-server.ts';
import {
  endsReady,
  open,
  QUERY,
  read,
  SSL_REQUEST,
  STARTUP,
  TERMINATE,
  untilEnd,
} from './raw-client.ts';
import { serveTest } from './shared-server.ts';

async function logIn(url: string, options: pg.ClientConfig = {}): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, ...options });
  await client.connect();
  const result = await client.query('SELECT 1');
  await client.end();
  return result.rows;
}

const ENCRYPTED = { ssl: { rejectUnauthorized: false } };

describe('pg logs in', () => {
  it.each<[string, Behaviour, pg.ClientConfig]>([
    ['under trust', {}, {}],
    ['under password', { auth: 'password' }, {}],
    ['under md5', { auth: 'md5' }, {}],
    ['under scram-sha-256', { auth: 'scram-sha-256' }, {}],
    ['with a fresh salt', { auth: 'scram-sha-256', scram: { freshSalt: true } }, {}],
    ['with 10 iterations', { auth: 'scram-sha-256', scram: { iterations: 10 } }, {}],
    ['over TLS', { sslReply: 'S' }, ENCRYPTED],
    ['over TLS with SCRAM', { sslReply: 'S', auth: 'scram-sha-256' }, ENCRYPTED],
    [
      'with channel binding',
      { sslReply: 'S', auth: 'scram-sha-256', scram: { advertisePlus: true } },
      { ...ENCRYPTED, enableChannelBinding: true } as pg.ClientConfig,
    ],
    ['with every byte on its own', { auth: 'scram-sha-256', splitWrites: true }, {}],
    ['over TLS, every byte on its own', { sslReply: 'S', splitWrites: true }, ENCRYPTED],
    ['with notices everywhere', { auth: 'md5', notices: 2 }, {}],
    ['with AuthenticationOk ahead', { auth: 'scram-sha-256', flushAuthenticationOk: true }, {}],
  ])('%s', async (_name, behaviour, options) => {
    const { url, counters } = await serveTest(behaviour);
    expect(await logIn(url, options)).toEqual([{ '?column?': 1 }]);
    const seen = await counters();
    expect(seen).toMatchObject({ accepted: 1, logins: 1, queries: 1, terminates: 1, abandoned: 0 });
    expect(seen.complaints).toEqual([]);
    expect(seen.parameters).toMatchObject({ user: 'storm', database: 'storm' });
  });
});

it.each(['password', 'md5', 'scram-sha-256'] as const)(
  '%s refuses a wrong password',
  async (auth) => {
    const { url, counters } = await serveTest({ auth });
    await expect(logIn(url.replace('secret', 'wrong'))).rejects.toMatchObject({ code: '28P01' });
    expect(await counters()).toMatchObject({ logins: 0, badLogins: 1, complaints: [] });
  },
);

it.each<[string, Behaviour]>([
  ['signature', { scram: { badServerSignature: true } }],
  ['nonce', { scram: { badNonce: true } }],
])("pg does not believe a server's wrong %s", async (_name, behaviour) => {
  const { url } = await serveTest({ auth: 'scram-sha-256', ...behaviour });
  await expect(logIn(url)).rejects.toThrow(/SASL/);
});

describe('replies to SSLRequest', () => {
  it('N, then goes on in plain text', async () => {
    const { port } = await serveTest();
    const socket = await open(port, SSL_REQUEST);
    expect(await read(socket, () => true)).toBe('N');
    socket.write(STARTUP);
    expect(await read(socket, endsReady)).toMatch(/^R/);
    socket.destroy();
  });

  it.each<[string, Behaviour, RegExp]>([
    ['more than one byte', { sslReply: 'N-with-more' }, /^NN␀/],
    [
      'an ErrorResponse',
      { refuseEvery: 1, refusal: { at: 'sslrequest' } },
      /^E␀.*C53300␀Msorry, too many clients already␀␀$/s,
    ],
    ['an HTTP answer', { fault: { at: 'sslrequest', how: 'http' } }, /^HTTP\/1\.1 400/],
    ['nothing but FIN', { fault: { at: 'sslrequest', how: 'close' } }, /^$/],
    ['bytes of no protocol', { fault: { at: 'sslrequest', how: 'garbage' } }, /^␀ÿ␓/],
  ])('%s', async (_name, behaviour, expected) => {
    const { port } = await serveTest(behaviour);
    const socket = await open(port, SSL_REQUEST);
    expect(await read(socket, (text) => text.length > 1)).toMatch(expected);
    socket.destroy();
  });

  it('S, and then no TLS', async () => {
    const { port, counters } = await serveTest({
      sslReply: 'S',
      fault: { at: 'tls', how: 'garbage' },
    });
    const socket = await open(port, SSL_REQUEST);
    expect(await read(socket, () => true)).toBe('S');
    socket.write('hello');
    expect(await read(socket, () => true)).toMatch(/^␀ÿ/);
    expect(await counters()).toMatchObject({ faults: 1, startups: 0 });
    socket.destroy();
  });
});

describe('delays', () => {
  const DELAY_MS = 30;

  it.each<[keyof Behaviour, Buffer[], (text: string) => boolean]>([
    ['sslReplyDelayMs', [SSL_REQUEST], (text) => text.startsWith('N')],
    ['startupDelayMs', [STARTUP], endsReady],
    ['readyDelayMs', [STARTUP], endsReady],
    ['queryDelayMs', [STARTUP, QUERY], (text) => text.includes('SELECT 1')],
  ])('%s is never cut short', async (knob, bytes, isEnough) => {
    const { port } = await serveTest({ [knob]: DELAY_MS });
    const from = performance.now();
    const socket = await open(port, ...bytes);
    await read(socket, isEnough);
    expect(performance.now() - from).toBeGreaterThanOrEqual(DELAY_MS);
    socket.destroy();
  });

  it('authDelayMs is never cut short', async () => {
    const { url } = await serveTest({ auth: 'scram-sha-256', authDelayMs: DELAY_MS });
    const from = performance.now();
    await logIn(url);
    expect(performance.now() - from).toBeGreaterThanOrEqual(DELAY_MS);
  });

  it('keep AuthenticationOk back as Postgres does, or send it ahead as poolers do', async () => {
    const postgres = await serveTest({ readyDelayMs: DELAY_MS });
    const kept = await open(postgres.port, STARTUP);
    expect(await read(kept, () => true)).toSatisfy(endsReady);
    await postgres.stop();
    const pooler = await serveTest({ readyDelayMs: DELAY_MS, flushAuthenticationOk: true });
    const ahead = await open(pooler.port, STARTUP);
    expect(await read(ahead, () => true)).toBe('R␀␀␀␈␀␀␀␀');
    expect(await read(ahead, endsReady)).toMatch(/^S/);
    ahead.destroy();
  });
});

describe('refusals', () => {
  it('meet every third connection, spared ones not counted', async () => {
    const { url, counters } = await serveTest({ refuseEvery: 3, spareFirst: 2 });
    const outcomes: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      const outcome = logIn(url).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
      outcomes.push(await outcome);
    }
    expect(outcomes).toEqual(['ok', 'ok', 'ok', 'ok', '53300', 'ok', 'ok', '53300']);
    expect(await counters()).toMatchObject({ accepted: 8, logins: 6, refusals: 2 });
  });

  it('come as protocol 2 text', async () => {
    const refusal = { v2: true, message: 'could not fork new process for connection' };
    const { port } = await serveTest({ refuseEvery: 1, refusal });
    const socket = await open(port, STARTUP);
    const text = await read(socket, untilEnd);
    expect(text).toBe('Ecould not fork new process for connection␊␀');
  });

  it.each<[string, NonNullable<Behaviour['refusal']>, RegExp]>([
    ['leave the socket open', { keepOpen: true }, /^E.*␀␀$/s],
    ['go on to ReadyForQuery', { thenReady: true }, /^E.*␀␀Z␀␀␀␅I$/s],
  ])('%s', async (_name, refusal, expected) => {
    const { port, counters } = await serveTest({ refuseEvery: 1, refusal });
    const socket = await open(port, STARTUP);
    expect(await read(socket, () => true)).toMatch(expected);
    expect(await counters()).toMatchObject({ open: 1, refusals: 1 });
    expect(socket.readableEnded).toBe(false);
    socket.destroy();
  });
});

describe('faults', () => {
  it.each<[string, Behaviour, RegExp]>([
    ['close at once', { fault: { at: 'connect', how: 'close' } }, /^$/],
    ['close after the StartupMessage', { fault: { at: 'startup', how: 'close' } }, /^$/],
    ['close after 5 bytes', { closeAfterBytes: 5 }, /^R␀␀␀␈$/],
    ['cut an open connection', { cutAfterMs: 1 }, /Z␀␀␀␅IE␀.*C57P01␀/s],
  ])('%s', async (_name, behaviour, expected) => {
    const { port } = await serveTest(behaviour);
    const socket = await open(port, STARTUP);
    expect(await read(socket, untilEnd)).toMatch(expected);
  });

  it('reset the connection', async () => {
    const { port } = await serveTest({ fault: { at: 'startup', how: 'reset' } });
    const socket = await open(port, STARTUP);
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it.each<[string, NonNullable<Behaviour['fault']>, RegExp]>([
    ['tell of 2 GiB', { at: 'startup', how: 'huge-length' }, /^R\x7fÿÿÿ/],
    ['send notices without end', { at: 'startup', how: 'endless-notices' }, /(^|␀)N␀.*N␀/s],
  ])('%s', async (_name, fault, expected) => {
    const { port } = await serveTest({ fault });
    const socket = await open(port, STARTUP);
    expect(await read(socket, (text) => expected.test(text))).toMatch(expected);
    socket.destroy();
  });

  it('never answer, and count who waited', async () => {
    const known = await serveTest({ fault: { at: 'startup', how: 'silence' } });
    const socket = await open(known.port, STARTUP);
    await waitForCounters(known, (counters) => counters.faults === 1);
    socket.destroy();
    expect(socket.bytesRead).toBe(0);
    await waitForCounters(known, (counters) => counters.open === 0);
  });

  it('answer a query with an error and live on', async () => {
    const { url, counters } = await serveTest({
      fault: { at: 'query', how: 'query-error', every: 2 },
    });
    const client = new pg.Client(url);
    await client.connect();
    await client.query('SELECT 1');
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '22012' });
    await client.query('SELECT 1');
    await client.end();
    expect(await counters()).toMatchObject({ queries: 3, faults: 1 });
  });
});

it('announces a lower protocol version ahead of authentication', async () => {
  const { port } = await serveTest({ negotiateProtocolVersion: true });
  const socket = await open(port, STARTUP);
  expect(await read(socket, endsReady)).toMatch(/^v␀␀␀.␀␃␀␀␀␀␀␁_pq_\.unknown␀R/);
  socket.destroy();
});

it('tells Terminate from abandoning', async () => {
  const known = await serveTest();
  const polite = await open(known.port, STARTUP);
  await read(polite, endsReady);
  polite.write(TERMINATE);
  expect(await read(polite, untilEnd)).toBe('');
  await waitForCounters(known, (counters) => counters.open === 0);
  const rude = await open(known.port, STARTUP);
  await read(rude, endsReady);
  rude.destroy();
  await waitForCounters(known, (counters) => counters.open === 0);
  const counters = await known.counters();
  expect(counters).toMatchObject({ terminates: 1, abandoned: 1, maxOpen: 1, complaints: [] });
});

it('complains about a client that breaks the protocol', async () => {
  const { port, counters } = await serveTest({ auth: 'md5' });
  const socket = await open(port, STARTUP, QUERY);
  expect(await read(socket, untilEnd)).toMatch(/C08P01/);
  expect((await counters()).complaints).toEqual([
    'message Q in place of an answer to authentication',
  ]);
});

it('stalls for as long as it says, answering nothing', async ({ onTestFinished }) => {
  const { port, stallFor } = await startDuring(onTestFinished);
  const from = performance.now();
  const stalled = stallFor(200);
  const socket = await open(port, STARTUP);
  await read(socket, endsReady);
  const stalledMs = await stalled;
  expect(stalledMs).toBeGreaterThanOrEqual(200);
  expect(performance.now() - from).toBeGreaterThanOrEqual(stalledMs);
  socket.destroy();
});

it('is gone after stop, which may be called twice', async ({ onTestFinished }) => {
  const { port, stop } = await startDuring(onTestFinished);
  const socket = await open(port, STARTUP);
  await read(socket, endsReady);
  await Promise.all([stop(), stop()]);
  expect(await read(socket, untilEnd)).toBe('');
  await expect(open(port, STARTUP)).rejects.toThrow(/ECONNREFUSED/);
});

it('is gone at once though it stalls', async ({ onTestFinished }) => {
  const { pid, stallFor, stop } = await startDuring(onTestFinished);
  stallFor(60_000).catch(() => {});
  await stop();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

it('leaves nothing behind for the next one', async ({ onTestFinished }) => {
  const first = await startDuring(onTestFinished, { refuseEvery: 1, parameters: { lc: 'C' } });
  const socket = await open(first.port, STARTUP);
  await read(socket, untilEnd);
  await first.stop();
  const next = await startDuring(onTestFinished);
  expect(await next.counters()).toMatchObject({ accepted: 0, refusals: 0, open: 0 });
  const again = await open(next.port, STARTUP);
  await read(again, endsReady);
  again.destroy();
});

it('ends with its parent, even when that is killed', async () => {
  const main = fileURLToPath(new URL('./known/main.js', import.meta.url));
  const program = `
    import { fork } from 'node:child_process';
    const server = fork(${JSON.stringify(main)}, [], { execArgv: [] });
    server.on('message', (report) => console.log(report.port));
    server.send({ type: 'start', id: 1, behaviour: {} });
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program]);
  const [line] = await once(parent.stdout, 'data');
  const socket = await open(Number(line), STARTUP);
  await read(socket, endsReady);
  parent.kill('SIGKILL');
  expect(await read(socket, untilEnd)).toBe('');
});
