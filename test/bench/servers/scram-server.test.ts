import type { Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  finishExchange,
  parseServerFirst,
  renderClientFirst,
  ScramKeyring,
  type ScramKeys,
  UNBOUND,
  verifyServerFinal,
} from '../../../src/drivers/login/scram.ts';
import { message } from '../../support/servers/known/messages.js';
import {
  endsReady,
  open,
  QUERY,
  read,
  STARTUP,
  TERMINATE,
  untilEnd,
  writeByByte,
} from '../../support/servers/raw-client.ts';
import { localEndpoint, openAttempt } from '../../support/synthetic/open-attempt.ts';
import { startScramServer } from './scram-server.js';

const MECHANISM = 'SCRAM-SHA-256';
const NONCE = 'rOprNGfwEbeRWgbNEkqO';
const right = new ScramKeyring('secret', true);
const wrong = new ScramKeyring('wrong', true);

describe.each(['C', 'Node'] as const)('the SCRAM server in %s', (kind) => {
  let server: Awaited<ReturnType<typeof startScramServer>>;
  beforeAll(async () => {
    server = await startScramServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(({ skip }) => skip(server.kind !== kind, server.obstacle ?? ''));

  it('lets a pg.Client in and answers its queries', async () => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    expect((await client.query('SELECT 1')).rows).toEqual([{ '?column?': 1 }]);
    await client.end();
  });

  it('refuses a pg.Client with another password', async () => {
    const client = new pg.Client({ connectionString: server.url.replace('secret', 'wrong') });
    await expect(client.connect()).rejects.toMatchObject({
      code: '28P01',
      message: 'password authentication failed for user "storm"',
    });
  });

  it.each(['disable', 'prefer'] as const)(
    'lets the wire driver in, sslmode %s',
    async (sslmode) => {
      const endpoint = localEndpoint(server.port, { sslmode });
      const { outcome, connection, scram } = await openAttempt(endpoint, { queries: 1 });
      const { derivations } = scram;
      expect({ outcome, connection, derivations }).toEqual({
        outcome: 'ok',
        connection: 'closed',
        derivations: 1,
      });
    },
  );

  it('refuses the wire driver with another password', async () => {
    const endpoint = localEndpoint(server.port, { password: 'wrong' });
    const { failure } = await openAttempt(endpoint);
    expect(failure).toMatchObject({ layer: 'server', code: '28P01', phase: 'ready' });
  });

  it('lets in whose messages come byte by byte', async () => {
    expect(await logIn(server.port, { write: writeByByte })).toMatch(READY);
  });

  it('refuses whose messages come byte by byte and prove another password', async () => {
    expect(await logIn(server.port, { keyring: wrong, write: writeByByte })).toMatch(/^E.*C28P01/);
  });

  it('answers queries that come in one piece with the proof', async () => {
    const write = (socket: Socket, bytes: Buffer) =>
      socket.write(bytes.includes(',p=') ? Buffer.concat([bytes, QUERY, QUERY, TERMINATE]) : bytes);
    const answer = await logIn(server.port, { write, isEnough: untilEnd });
    expect(answer.match(/SELECT 1/g)).toHaveLength(2);
  });

  // So what is hashed ends at every place of a block.
  it('knows the proof whatever the length of the nonce', async () => {
    for (let length = 1; length <= 64; length++) {
      expect(await logIn(server.port, { nonce: 'n'.repeat(length) })).toMatch(READY);
    }
  });

  it('continues the nonce in another way each time', async () => {
    const nonces = new Set<string>();
    const change = (text: string) => {
      nonces.add(text.replace(/,p=.*/, ''));
      return text;
    };
    for (let i = 0; i < 3; i++) await logIn(server.port, { change });
    expect(nonces.size).toBe(3);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['another nonce', (text) => text.replace(',r=', ',r=x'), /C08P01/],
    ["the client's nonce alone", (text) => text.replace(/r=.*,p/, `r=${NONCE},p`), /C08P01/],
    ['another GS2 header', (text) => text.replace('c=biws', 'c=eSws'), /C08P01/],
    ['no proof', (text) => text.replace(/,p=.*/, ''), /C08P01/],
    // Postgres calls these two malformed, as the server in C does.
    ['a proof too short', (text) => text.replace(/p=..../, 'p='), /C(28P01|08P01)/],
    ['a proof not in base64', (text) => text.replace(/p=./, 'p=*'), /C(28P01|08P01)/],
    ["another one's proof", (text) => text.replace(/p=.*/, `p=${'A'.repeat(43)}=`), /C28P01/],
  ])('lets nobody in who ends with %s', async (_, change, code) => {
    const answer = await logIn(server.port, { change });
    expect(answer).toMatch(/^E/);
    expect(answer).toMatch(code);
  });

  it.each<[string, Buffer]>([
    ['another mechanism', renderInitial(`n,,n=,r=${NONCE}`, { mechanism: 'SCRAM-SHA-1' })],
    ['a channel to bind', renderInitial(`p=tls-unique,,n=,r=${NONCE}`)],
    ['an empty nonce', renderInitial('n,,n=,r=')],
    ['no nonce', renderInitial('n,,n=')],
    ['a wrong length', renderInitial(`n,,n=,r=${NONCE}`, { error: 1 })],
  ])('lets nobody in who begins with %s', async (_, initial) => {
    const socket = await open(server.port, STARTUP);
    await read(socket, (text) => text.includes(MECHANISM));
    socket.write(initial);
    expect(await read(socket, untilEnd)).toMatch(/^E.*C08P01/);
  });
});

/** The server's signature, AuthenticationOk, the parameters, ReadyForQuery. */
const READY = /^R.*v=.{43}=R␀␀␀␈␀␀␀␀S.*Z␀␀␀␅I$/;

interface RawLogin {
  keyring?: ScramKeyring;
  nonce?: string;
  write?: (socket: Socket, bytes: Buffer) => unknown;
  /** Of the client's final message. */
  change?: (text: string) => string;
  isEnough?: (text: string) => boolean;
}

/** What the server answers to the client's final message; throws when its signature is wrong. */
async function logIn(
  port: number,
  {
    keyring = right,
    nonce = NONCE,
    write = (socket, bytes) => socket.write(bytes),
    change = (text) => text,
    isEnough = endsReady,
  }: RawLogin,
): Promise<string> {
  const socket = await open(port);
  await write(socket, STARTUP);
  await read(socket, (text) => text.includes(MECHANISM));
  await write(socket, renderInitial(renderClientFirst(nonce, UNBOUND)));
  const challenge = await read(socket, (text) => /,i=\d{4}$/.test(text));
  const serverFirst = challenge.slice(challenge.indexOf('r='));
  const { nonce: serverNonce, saltBase64, iterations } = parseServerFirst(serverFirst, nonce);
  const keys = await new Promise<ScramKeys>((resolve, reject) => {
    keyring.derive(saltBase64, iterations, (error, keys) => (keys ? resolve(keys) : reject(error)));
  });
  const finish = finishExchange(keys, nonce, serverFirst, serverNonce, UNBOUND);
  await write(socket, message('p', Buffer.from(change(finish.clientFinal))));
  const answer = await read(socket, isEnough);
  socket.destroy();
  const [signature] = /v=.{43}=/.exec(answer) ?? [];
  if (answer.startsWith('R')) verifyServerFinal(signature ?? '', finish.serverSignature);
  return answer;
}

function renderInitial(text: string, { mechanism = MECHANISM, error = 0 } = {}): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length + error);
  return message('p', Buffer.from(`${mechanism}\0`), length, Buffer.from(text));
}
