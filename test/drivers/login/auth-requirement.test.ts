import { describe, expect, it } from 'vitest';
import { readRequireAuth } from '../../../src/targets/naming/settings/require-auth.ts';
import type { Behaviour } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';
import { localEndpoint, openAttempt } from '../../support/synthetic/open-attempt.ts';

let server: SharedServer;

async function logIn(behaviour: Behaviour, requireAuth?: string) {
  server = await serveTest(behaviour);
  const requirement =
    requireAuth === undefined ? {} : { requireAuth: readRequireAuth(requireAuth, 'test') };
  return openAttempt(localEndpoint(server.port, requirement));
}

describe('require_auth', () => {
  it.each<[string, NonNullable<Behaviour['auth']>]>([
    ['scram-sha-256', 'scram-sha-256'],
    ['md5,scram-sha-256', 'md5'],
    ['none', 'trust'],
    ['!password', 'trust'],
    ['!password,!none', 'scram-sha-256'],
  ])('%s lets a server ask for %s', async (requireAuth, auth) => {
    expect(await logIn({ auth }, requireAuth)).toMatchObject({ outcome: 'ok' });
  });

  it.each<[string, NonNullable<Behaviour['auth']>, RegExp]>([
    ['scram-sha-256', 'md5', /asks for md5, and require_auth=scram-sha-256 does not allow it/],
    ['scram-sha-256', 'trust', /logs connstorm in without authentication/],
    ['!none', 'trust', /require_auth=!none does not allow that/],
    ['none', 'scram-sha-256', /asks for scram-sha-256/],
    ['!md5', 'md5', /asks for md5/],
  ])('%s refuses a server that asks for %s', async (requireAuth, auth, message) => {
    const { failure } = await logIn({ auth }, requireAuth);
    expect(failure).toMatchObject({ layer: 'server', code: 'AUTH_NOT_ALLOWED' });
    expect(failure?.message).toMatch(message);
    expect(await server.counters()).toMatchObject({ badLogins: 0 });
  });
});

describe('a cleartext password', () => {
  it.each([undefined, '!none', '!md5'])(
    'is not sent without TLS, on this machine neither, with require_auth=%s',
    async (requireAuth) => {
      const { failure } = await logIn({ auth: 'password' }, requireAuth);
      expect(failure).toMatchObject({ layer: 'server', phase: 'auth', code: 'CLEARTEXT_PASSWORD' });
      expect(failure?.message).toContain('only require_auth=password allows that');
    },
  );

  it('is sent where require_auth names it, and under TLS', async () => {
    expect(await logIn({ auth: 'password' }, 'password')).toMatchObject({ outcome: 'ok' });
    await server.stop();
    expect(await logIn({ auth: 'password', sslReply: 'S' })).toMatchObject({ outcome: 'ok' });
  });
});
