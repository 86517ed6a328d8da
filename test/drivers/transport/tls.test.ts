import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/drivers/driver.ts';
import type { Endpoint } from '../../../src/drivers/endpoint.ts';
import type { TlsSettings } from '../../../src/drivers/transport/tls.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { DELAY_MS, expectDelayIn, readPhases, timeOut } from '../../support/phases.ts';
import {
  createCertificate,
  createRevocationList,
} from '../../support/servers/known/certificate.js';
import type { Behaviour } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';
import { localEndpoint, openAttempt, openAttempts } from '../../support/synthetic/open-attempt.ts';

const authority = createCertificate({ commonName: 'test CA', isAuthority: true });
const stranger = createCertificate({ commonName: 'another CA', isAuthority: true });
const identity = createCertificate({
  commonName: 'server',
  altNames: ['localhost', '127.0.0.1'],
  issuer: authority,
});
const trusting: TlsSettings = { negotiation: 'postgres', rootCertificates: authority.cert };
const direct: TlsSettings = { ...trusting, negotiation: 'direct' };
const self = createCertificate({ commonName: 'localhost', altNames: ['localhost'] });

let server: SharedServer;
const start = async (behaviour: Behaviour = {}): Promise<SharedServer> => {
  server = await serveTest({ sslReply: 'S', identity, ...behaviour });
  return server;
};

async function attempt(over: Partial<Endpoint>) {
  return openAttempt(localEndpoint(server.port, over));
}

describe('lists of revoked certificates', () => {
  const expired = '200102000000Z';

  it.each<[string, string[], string | undefined]>([
    ['with it', [createRevocationList(authority, [identity.cert])], 'CERT_REVOKED'],
    ['with another one', [createRevocationList(authority, [self.cert])], undefined],
    ['with none', [createRevocationList(authority, [])], undefined],
    ['of another CA', [createRevocationList(stranger, [])], 'UNABLE_TO_GET_CRL'],
    ['that have expired', [createRevocationList(authority, [], expired)], 'CRL_HAS_EXPIRED'],
  ])('%s: the certificate is held against them under verify-ca', async (_, lists, code) => {
    await start();
    const tls = { ...trusting, revocationLists: lists };
    const { failure } = await attempt({ tls, sslmode: 'verify-ca' });
    expect(failure?.code).toBe(code);
    if (code !== undefined) expect(failure).toMatchObject({ layer: 'protocol', phase: 'tls' });
  });
});

describe('the certificate of the server', () => {
  it.each<[string, Partial<Endpoint>]>([
    ['its name under verify-full', { sslmode: 'verify-full' }],
    ['its address under verify-full', { sslmode: 'verify-full', host: '127.0.0.1' }],
    ['any name under verify-ca', { sslmode: 'verify-ca', host: 'elsewhere.example' }],
  ])('is good for %s', async (_, over) => {
    await start();
    const { failure, outcome } = await attempt({ tls: trusting, ...over });
    expect(failure).toBeUndefined();
    expect(outcome).toBe('ok');
  });

  const expired = createCertificate({
    altNames: ['localhost'],
    issuer: authority,
    notAfter: '210101000000Z',
  });
  it.each<[string, Behaviour, Partial<Endpoint>, string]>([
    [
      'a wrong name',
      {},
      { sslmode: 'verify-full', host: 'elsewhere.example' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      'a wrong address',
      {},
      { sslmode: 'verify-full', host: '127.0.0.2' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      'an unknown CA',
      { identity: createCertificate({ altNames: ['localhost'], issuer: stranger }) },
      { sslmode: 'verify-ca' },
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    [
      'nobody to vouch for it',
      { identity: self },
      { sslmode: 'verify-full' },
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    ['expiry', { identity: expired }, { sslmode: 'verify-ca' }, 'CERT_HAS_EXPIRED'],
  ])('is refused for %s, in tls, before anything is sent', async (_, behaviour, over, code) => {
    await start(behaviour);
    for (const tls of [trusting, direct]) {
      const { failure } = await attempt({ tls, ...over });
      expect(failure).toMatchObject({ layer: 'protocol', phase: 'tls', code });
    }
    expect(await server.counters()).toMatchObject({ accepted: 2, startups: 0 });
  });

  it('is refused for a private CA where only what Node knows is trusted', async () => {
    await start();
    const tls = { negotiation: 'postgres' } as const;
    const { failure } = await attempt({ sslmode: 'verify-full', tls });
    expect(failure).toMatchObject({ phase: 'tls', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it.each(['prefer', 'require'] as const)('is not looked at under %s', async (sslmode) => {
    await start({ identity: expired });
    expect(await attempt({ sslmode, host: 'elsewhere.example' })).toMatchObject({ outcome: 'ok' });
  });

  it('is wanted by every mode but prefer', async () => {
    await start({ sslReply: 'N' });
    for (const sslmode of ['require', 'verify-ca', 'verify-full'] as const) {
      const { failure } = await attempt({ sslmode, tls: trusting });
      expect(failure).toMatchObject({ layer: 'server', phase: 'tls', code: 'NO_TLS' });
      expect(failure?.message).toContain(`sslmode=${sslmode}`);
    }
  });
});

describe('direct TLS', () => {
  const over = { sslmode: 'verify-full', tls: direct } as const;

  it('needs no SSLRequest and has a boundary of its own; its phases sum up', async () => {
    await start({ auth: 'scram-sha-256' });
    const story = await attempt(over);
    expect(story).toMatchObject({ outcome: 'ok', attempt: { boundary: 'tls' } });
    const phases = readPhases(story.attempt);
    expect(Object.keys(phases)).toEqual(['tcp', 'spawn', 'tls', 'auth', 'ready']);
    const sum = Object.values(phases).reduce((total, us) => total + us, 0);
    expect(sum).toBe(story.attempt.readyUs - story.attempt.startUs);
    expect(await server.counters()).toMatchObject({ sslRequests: 0, logins: 1, complaints: [] });
  });

  it('is given up where the server does not agree to speak PostgreSQL', async () => {
    await start({ ignoreAlpn: true });
    const { failure } = await attempt(over);
    expect(failure).toMatchObject({ layer: 'protocol', phase: 'tls', code: 'NO_ALPN' });
    expect(await server.counters()).toMatchObject({ startups: 0 });
  });

  it.each<[string, Behaviour, Partial<Failure>]>([
    [
      'a close in place of the hello',
      { fault: { at: 'tls', how: 'close' } },
      { layer: 'network', phase: 'spawn' },
    ],
    [
      'garbage in place of the hello',
      { fault: { at: 'tls', how: 'garbage' } },
      { layer: 'protocol', phase: 'tls' },
    ],
  ])('ends at %s, classified', async (_, behaviour, expected) => {
    await start(behaviour);
    expect((await attempt(over)).failure).toMatchObject(expected);
  });

  it('times out in spawn while there is no hello', async () => {
    await start({ fault: { at: 'tls', how: 'silence' } });
    const { failure } = await timeOut('spawn', (timeoutUs) =>
      openAttempt(localEndpoint(server.port, over), { timeoutUs }),
    );
    expect(failure).toMatchObject({ phase: 'spawn' });
  });
});

describe('a delay between the hellos', () => {
  it.each<[string, TlsSettings, string]>([
    ['is all in tls behind SSLRequest', trusting, 'tls'],
    ["is all in spawn where the server's hello is its first word", direct, 'spawn'],
  ])('%s', async (_, tls, phase) => {
    await start({ tlsDelayMs: DELAY_MS });
    const endpoint = localEndpoint(server.port, { sslmode: 'verify-full', tls });
    await expectDelayIn(phase, async () => {
      const [, story] = await openAttempts(endpoint, {}, 2);
      return readPhases((story as { attempt: Attempt }).attempt);
    });
  });
});

describe('channel binding', () => {
  const plus: Behaviour = { auth: 'scram-sha-256', scram: { advertisePlus: true } };
  const plain: Behaviour = { auth: 'scram-sha-256' };

  it.each<[string, Behaviour, Partial<Endpoint>, string]>([
    ['binds where the server offers it', plus, {}, 'p=tls-server-end-point,,'],
    [
      'binds over direct TLS',
      plus,
      { sslmode: 'require', tls: direct },
      'p=tls-server-end-point,,',
    ],
    ['says that the server did not offer it', plain, {}, 'y,,'],
    ['does without TLS', { ...plain, sslReply: 'N' }, {}, 'n,,'],
    ['is not spoken of when disabled', plus, { channelBinding: 'disable' }, 'n,,'],
    ['is had when required', plus, { channelBinding: 'require' }, 'p=tls-server-end-point,,'],
    [
      "uses the hash of the certificate's signature",
      { ...plus, identity: createCertificate({ signature: 'ecdsa-sha384' }) },
      { channelBinding: 'require' },
      'p=tls-server-end-point,,',
    ],
    [
      'is left out where the signature has no hash',
      { ...plus, identity: createCertificate({ signature: 'ed25519' }) },
      {},
      'n,,',
    ],
  ])('%s', async (_, behaviour, over, gs2Header) => {
    await start(behaviour);
    const { failure } = await attempt(over);
    expect(failure).toBeUndefined();
    expect(await server.counters()).toMatchObject({ gs2Header, logins: 1, complaints: [] });
  });

  it.each<[string, Behaviour, RegExp]>([
    ['is not offered', plain, /the server does not offer it/],
    ['has no TLS to bind to', { ...plain, sslReply: 'N' }, /there is no TLS/],
    ['has no hash', { ...plus, identity: createCertificate({ signature: 'ed25519' }) }, /no hash/],
    ['is not possible under md5', { auth: 'md5' }, /asks for md5, which has no channel binding/],
    ['cannot be under trust', {}, /logs connstorm in without channel binding/],
  ])('that is required and %s ends the login', async (_, behaviour, message) => {
    await start(behaviour);
    const { failure } = await attempt({ channelBinding: 'require' });
    expect(failure).toMatchObject({ layer: 'server', code: 'NO_CHANNEL_BINDING' });
    expect(failure?.message).toMatch(message);
  });

  it('offered without TLS is a lie: the login ends', async () => {
    await start({ ...plus, sslReply: 'N' });
    expect((await attempt({})).failure).toMatchObject({ layer: 'protocol', code: 'BAD_SCRAM' });
  });

  it('tells a man in the middle, who has another certificate than the server', async () => {
    const { endPointHash } = createCertificate();
    await start({ ...plus, identity: { ...identity, endPointHash } });
    expect((await attempt({})).outcome).toBe('failed');
    const { complaints } = await server.counters();
    expect(complaints).toEqual([expect.stringContaining('channel binding')]);
  });
});
