import { describe, expect, it } from 'vitest';
import {
  createNonce,
  finishExchange,
  parseServerFirst,
  preparePassword,
  ScramError,
  ScramKeyring,
  type ScramKeys,
  UNBOUND,
  verifyServerFinal,
} from '../../../src/drivers/login/scram.ts';

const derive = (keyring: ScramKeyring, salt: string, iterations = 4096): Promise<ScramKeys> =>
  new Promise((resolve, reject) => {
    keyring.derive(salt, iterations, (error, keys) => (keys ? resolve(keys) : reject(error)));
  });

describe('the SCRAM-SHA-256 exchange', () => {
  // RFC 7677, section 3, but for the user name, which PostgreSQL leaves empty; computed independently with
  // Python's hashlib and hmac from the RFC's password, nonces, salt and iteration count.
  const NONCE = 'rOprNGfwEbeRWgbNEkqO';
  const SERVER_NONCE = `${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
  const SERVER_FIRST = `r=${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;

  it('reads the challenge', () => {
    expect(parseServerFirst(SERVER_FIRST, NONCE)).toEqual({
      nonce: SERVER_NONCE,
      saltBase64: 'W22ZaJ0SNY7soEsUEjb6gQ==',
      iterations: 4096,
    });
  });

  it('gives the proof and knows the signature', async () => {
    const keys = await derive(new ScramKeyring('pencil', true), 'W22ZaJ0SNY7soEsUEjb6gQ==');
    const { clientFinal, serverSignature } = finishExchange(
      keys,
      NONCE,
      SERVER_FIRST,
      SERVER_NONCE,
      UNBOUND,
    );
    expect(clientFinal).toBe(
      `c=biws,r=${SERVER_NONCE},p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=`,
    );
    expect(serverSignature.toString('base64')).toBe('3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=');
  });

  it.each([
    ['another nonce', 'r=other,s=W22Z,i=1'],
    ['our nonce alone', `r=${NONCE},s=W22Z,i=1`],
    ['no salt', `r=${SERVER_NONCE},s=,i=1`],
    ['no iterations', `r=${SERVER_NONCE},s=W22Z,i=0`],
    ['iterations for minutes', `r=${SERVER_NONCE},s=W22Z,i=999999999`],
    ['something else', 'e=unknown-user'],
  ])('refuses a challenge with %s', (_, text) => {
    expect(() => parseServerFirst(text, NONCE)).toThrow(ScramError);
  });

  it.each([
    ['a wrong signature', `v=${Buffer.alloc(32, 1).toString('base64')}`, 'BAD_SIGNATURE'],
    ['a short signature', 'v=AAAA', 'BAD_SIGNATURE'],
    ['an error', 'e=invalid-proof', 'BAD_SCRAM'],
  ])('refuses an end with %s', (_, text, code) => {
    expect(() => verifyServerFinal(text, Buffer.alloc(32))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('ScramKeyring', () => {
  it('derives once for attempts that ask at the same time', async () => {
    const keyring = new ScramKeyring('secret', true);
    const [a, b] = await Promise.all([derive(keyring, 'c2FsdA=='), derive(keyring, 'c2FsdA==')]);
    expect(a).toBe(b);
    expect(keyring.figures).toMatchObject({ derivations: 1, salts: 1 });
  });

  it('counts the wait of every login: what they share in full, and none where the keys are there', async () => {
    const keyring = new ScramKeyring('secret', true);
    await Promise.all([derive(keyring, 'c2FsdA=='), derive(keyring, 'c2FsdA==')]);
    await derive(keyring, 'c2FsdA==');
    const all = [...keyring.figures.waits].flatMap(([us, times]) => Array<number>(times).fill(us));
    expect(all).toHaveLength(3);
    const [known, ...shared] = all.sort((a, b) => a - b);
    expect(known).toBe(0);
    for (const us of shared) expect(us).toBeGreaterThan(0);
  });

  it('keeps salts and iteration counts apart', async () => {
    const keyring = new ScramKeyring('secret', true);
    const [a, b, c] = await Promise.all([
      derive(keyring, 'c2FsdA==', 1),
      derive(keyring, 'c2FsdA==', 2),
      derive(keyring, 'c2FsdDI=', 1),
    ]);
    expect(a.clientKey).not.toEqual(b.clientKey);
    expect(a.clientKey).not.toEqual(c.clientKey);
    expect(keyring.figures).toMatchObject({ derivations: 3, salts: 2 });
  });
});

describe('preparePassword', () => {
  it.each([
    ['plain ASCII stays', 'pencil', 'pencil'],
    ['a Roman numeral becomes letters (NFKC)', '\u2168', 'IX'],
    ['a soft hyphen disappears', 'I\u00adX', 'IX'],
    ['a space of another width becomes a space', 'a\u2003b', 'a b'],
    ['what SASLprep forbids stays as it is', 'a\u0007b', 'a\u0007b'],
  ])('%s', (_, password, prepared) => {
    expect(preparePassword(password)).toBe(prepared);
  });
});

describe('createNonce', () => {
  it('is 24 characters, never the same', () => {
    const nonces = new Set(Array.from({ length: 1000 }, createNonce));
    expect(nonces.size).toBe(1000);
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9+/]{24}$/);
  });
});
