import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/drivers/endpoint.ts';
import type { Failure } from '../../src/model/measures.ts';
import { readRequireAuth } from '../../src/targets/naming/settings/require-auth.ts';
import type { Behaviour } from '../support/servers/known-server.ts';
import { serveTest } from '../support/servers/shared-server.ts';
import {
  localEndpoint,
  openAttempt,
  TESTED_DRIVERS,
  type TestedDriver,
} from '../support/synthetic/open-attempt.ts';

/** How real servers and poolers say no, warn and go, whatever opens the connections. */

const PLAIN = { sslmode: 'disable' } as const;
const SCRAM = { auth: 'scram-sha-256' } as const;

describe.each(Object.keys(TESTED_DRIVERS) as TestedDriver[])('the %s driver', (driver) => {
  const attempt = async (behaviour: Behaviour, over: Partial<Endpoint> = {}, plan = {}) => {
    const { port } = await serveTest(behaviour);
    return openAttempt(localEndpoint(port, { ...PLAIN, ...over }), plan, undefined, driver);
  };

  it.each<[string, Behaviour, Partial<Endpoint>, Partial<Failure>]>([
    [
      'SCRAM that the server ends with e=',
      { ...SCRAM, scram: { error: 'invalid-proof' } },
      {},
      {
        layer: 'server',
        phase: 'ready',
        code: 'SCRAM_REFUSED',
        message: 'the server ended SCRAM with invalid-proof',
      },
    ],
    [
      'SCRAM that the server ends with e= in the place of a challenge',
      { ...SCRAM, scram: { error: 'other-error', errorAt: 'challenge' } },
      {},
      { layer: 'server', phase: 'auth', code: 'SCRAM_REFUSED' },
    ],
    [
      'mechanisms that we do not have, before it wants a password',
      { ...SCRAM, scram: { mechanisms: ['OAUTHBEARER', 'EXTERNAL'] } },
      { password: undefined },
      {
        layer: 'server',
        phase: 'auth',
        code: 'UNSUPPORTED_AUTH',
        message:
          'the server offers only OAUTHBEARER, EXTERNAL, and connstorm supports SCRAM-SHA-256',
      },
    ],
    [
      'mechanisms that we do not have, whatever require_auth allows',
      { ...SCRAM, scram: { mechanisms: ['OAUTHBEARER'] } },
      { requireAuth: readRequireAuth('md5', 'test') },
      { layer: 'server', code: 'UNSUPPORTED_AUTH' },
    ],
    [
      'a refusal of severity ERROR during the login, as pgpool-II has it',
      {
        refuseEvery: 1,
        refusal: { severity: 'ERROR', code: 'XX000', message: 'SCRAM authentication failed' },
      },
      {},
      { layer: 'server', code: 'XX000', message: 'SCRAM authentication failed' },
    ],
    [
      'more SCRAM iterations than are allowed unless told',
      { ...SCRAM, scram: { iterations: 100_001 } },
      {},
      {
        layer: 'server',
        phase: 'auth',
        code: 'SCRAM_ITERATIONS',
        message:
          'the server asks for 100001 SCRAM iterations, and connection.maxScramIterations allows 100000',
      },
    ],
    [
      'more SCRAM iterations than the scenario allows',
      { ...SCRAM, scram: { iterations: 4097 } },
      { maxScramIterations: 4096 },
      { layer: 'server', code: 'SCRAM_ITERATIONS' },
    ],
    [
      'a FATAL of 40 kB once authentication has begun',
      {
        ...SCRAM,
        refuseEvery: 1,
        refusal: { at: 'auth', code: '28000', message: 'x'.repeat(40_000) },
      },
      {},
      { layer: 'server', phase: 'auth', code: '28000' },
    ],
  ])('tells %s', async (_, behaviour, over, expected) => {
    const { outcome, failure } = await attempt(behaviour, over);
    expect(outcome).toBe('failed');
    expect(failure).toMatchObject(expected);
  });

  it.each([100_000, 150_000])(
    'logs in with %i SCRAM iterations where they are allowed',
    async (iterations) => {
      const allowed = iterations > 100_000 ? { maxScramIterations: iterations } : {};
      const { outcome } = await attempt({ ...SCRAM, scram: { iterations } }, allowed);
      expect(outcome).toBe('ok');
    },
  );

  it('reads a notice of 70 kB in the login', async () => {
    const loginNotices = [
      { severity: 'NOTICE', code: '00000', message: 'x'.repeat(70_000) } as const,
    ];
    const { outcome, connection, notices } = await attempt({ ...SCRAM, loginNotices });
    expect({ outcome, connection }).toEqual({ outcome: 'ok', connection: 'closed' });
    expect(notices).toMatchObject([{ code: '00000', message: `${'x'.repeat(197)}...` }]);
  });

  describe('a connection that is held', () => {
    const hold = (cutWith: NonNullable<Behaviour['cutWith']>) =>
      attempt({ cutAfterMs: 30, cutWith }, {}, { holdUs: 'end' });

    it.each([
      [{ severity: 'WARNING', code: '57P02', message: 'crash of another server process' }],
      [{ severity: 'WARNING', code: '57P02', message: 'x', translated: 'WARNUNG' }],
      [{ severity: 'FATAL', code: '25P03', message: 'idle-in-transaction timeout' }],
      [{ severity: 'FATAL', code: '57P05', message: 'idle-session timeout' }],
      [{ severity: 'ERROR', code: 'XX000', message: 'unable to read data from backend' }],
    ] as const)('is cut by the server that says %o before it goes', async (said) => {
      const { connection, connectionFailure } = await hold(said);
      expect(connection).toBe('cut');
      const { code, message } = said;
      expect(connectionFailure).toMatchObject({ layer: 'server', phase: 'hold', code, message });
    });

    it('is cut by the network where a notice explains nothing', async () => {
      const said = { severity: 'NOTICE', code: '57P02', message: 'about something' } as const;
      const { connection, connectionFailure } = await hold(said);
      expect(connection).toBe('cut');
      expect(connectionFailure).toMatchObject({ layer: 'network', phase: 'hold' });
    });
  });

  it('takes a login that ends with a warning for refused by the server', async () => {
    const said = { severity: 'WARNING', code: '57P02', message: 'crash' } as const;
    const { failure } = await attempt({
      loginNotices: [said],
      // Behind AuthenticationOk, ParameterStatus and the warning, before BackendKeyData.
      fault: { at: 'login-notices', how: 'close' },
    });
    expect(failure).toMatchObject({ layer: 'server', code: '57P02' });
  });

  it('tells notices of the login and the first query, and no more of a flood', async () => {
    const md5 = { severity: 'WARNING', code: '01P01', message: 'md5 is deprecated' } as const;
    const queued = { severity: 'NOTICE', code: '00000', message: 'client being queued' } as const;
    const behaviour = { loginNotices: [md5], queryNotices: [queued] };
    const story = await attempt(behaviour, {}, { queries: 1 });
    expect(story.notices).toEqual([
      { ...md5, phase: expect.stringMatching(/^(spawn|ready)$/) },
      { ...queued, phase: 'query' },
    ]);
    const flood = await attempt({ loginNotices: Array(30).fill(md5) });
    expect(flood.notices).toHaveLength(8);
  });

  it('takes its own setup notice for no evidence', async () => {
    const serverTimes = { totalMs: 5, forkMs: 1, authMs: 2 };
    const logged = { severity: 'LOG', code: '00000', message: 'duration: 1 ms' } as const;
    const { notices, attempt: timed } = await attempt(
      { serverTimes, loginNotices: [logged] },
      {},
      { serverTimes: { options: '-c client_min_messages=log', sampleEvery: undefined } },
    );
    expect(timed.serverSetupUs).toBe(5000);
    expect(notices).toEqual([]);
  });

  it('blames the server for a timeout that fell while a key was derived', async () => {
    // Each login derives, for 300 ms at the least; the server takes nearly all of the time before it. It has its own keys
    // from its start: with a fresh salt for each login it would be still deriving when the time is over.
    const iterations = 2_000_000;
    const behaviour = { ...SCRAM, authDelayMs: 1900, scram: { iterations } };
    const { failure } = await attempt(
      behaviour,
      { maxScramIterations: iterations },
      { timeoutUs: 2_000_000, scramCache: false },
    );
    expect(failure).toMatchObject({ layer: 'timeout', code: 'TIMEOUT', phase: 'auth' });
  });
});

describe('the wire driver', () => {
  it('hears a FATAL in the clear behind N', async () => {
    const { port } = await serveTest({ sslReply: 'N-with-fatal' });
    const { failure } = await openAttempt(localEndpoint(port));
    expect(failure).toMatchObject({ layer: 'server', code: '57P01', severity: 'FATAL' });
  });
});

it.each(['wire', 'pg'] as const)(
  '%s misses TLS all the same where it is required',
  async (driver) => {
    const { port } = await serveTest({ sslReply: 'N-with-fatal' });
    const endpoint = localEndpoint(port, { sslmode: 'require' });
    const { failure } = await openAttempt(endpoint, {}, undefined, driver);
    expect(failure).toMatchObject({ layer: 'server', code: 'NO_TLS' });
  },
);
