import { describe, expect, it } from 'vitest';
import { ABSENT, type ConnectionPlan, type Driver } from '../../src/drivers/driver.ts';
import { drawHoldUs } from '../../src/scenario/plan/hold.ts';
import { DRIVER_NAMES } from '../../src/scenario/schema/driver-name.ts';
import { type Behaviour, waitForCounters } from '../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../support/servers/shared-server.ts';
import {
  type AttemptStory,
  localEndpoint,
  openAttempt,
  openAttempts,
} from '../support/synthetic/open-attempt.ts';

let server: SharedServer;
const start = async (behaviour: Behaviour = {}): Promise<SharedServer> => {
  server = await serveTest(behaviour);
  return server;
};

const TRANSPORTS: [string, Behaviour][] = [
  ['plain', {}],
  ['under TLS', { sslReply: 'S' }],
];

describe('close: server-first', () => {
  it.each(TRANSPORTS)("says Terminate and waits for the server's end, %s", async (_, behaviour) => {
    const { port } = await start({ ...behaviour, closeDelayMs: 100 });
    const story = await openAttempt(localEndpoint(port), { close: 'server-first' });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.connectionFailure).toBeUndefined();
    const { terminatedUs, closedUs } = story.attempt;
    expect(closedUs - terminatedUs).toBeGreaterThanOrEqual(99_000);
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ terminates: 1, abandoned: 0 });
  });

  it('waits no longer than the timeout, and says so', async () => {
    const { port } = await start({ closeDelayMs: 60_000 });
    const plan = { close: 'server-first', timeoutUs: 1_000_000 } as const;
    const story = await openAttempt(localEndpoint(port), plan);
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.connectionFailure).toMatchObject({
      layer: 'timeout',
      phase: 'close',
      code: 'TIMEOUT',
    });
    expect(story.attempt.terminatedUs).not.toBe(ABSENT);
    expect(story.attempt.closedUs).toBe(ABSENT);
  });

  it('a server that ends a held connection on its own has cut it', async () => {
    const { port } = await start({ cutAfterMs: 30 });
    const plan = { close: 'server-first', holdUs: 'end' } as const;
    const story = await openAttempt(localEndpoint(port), plan);
    expect(story).toMatchObject({ connection: 'cut', connectionFailure: { code: '57P01' } });
    expect(story.attempt.terminatedUs).toBe(ABSENT);
  });

  it('does not wait where everything is to end at once', async () => {
    const { port } = await start({ closeDelayMs: 60_000 });
    const story = await openAttempt(localEndpoint(port), { close: 'server-first' }, (driver) => {
      setInterval(() => driver.closeConnections(true), 20).unref();
    });
    expect(story).toMatchObject({ connection: 'closed' });
    expect(story.connectionFailure).toBeUndefined();
    expect(story.attempt.closedUs).toBe(ABSENT);
  });
});

describe('close: reset', () => {
  it.each(TRANSPORTS)('goes without a word, %s', async (_, behaviour) => {
    const { port } = await start(behaviour);
    const stories = await openAttempts(localEndpoint(port), { close: 'reset' }, 5);
    for (const story of stories) {
      expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
      expect(story.attempt.terminatedUs).toBe(ABSENT);
    }
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ logins: 5, terminates: 0, abandoned: 5 });
  });
});

describe.each(DRIVER_NAMES)('told to close while a query is under way, the %s driver', (driver) => {
  const ASKING = { options: undefined, sampleEvery: 1 };
  const serverTimes = { totalMs: 5, forkMs: 1, authMs: 1, ageMs: 5 };
  const open = async (plan: Partial<ConnectionPlan>, atOnce: boolean): Promise<AttemptStory> => {
    const { port } = await start({ queryDelayMs: 150, serverTimes });
    const endpoint = localEndpoint(port, { sslmode: 'disable' });
    const closeSoon = (own: Driver): void => {
      setInterval(() => own.closeConnections(atOnce), 10).unref();
    };
    return openAttempt(endpoint, plan, closeSoon, driver);
  };

  it.each<[string, Partial<ConnectionPlan>]>([
    ['of the scenario', { queries: 3 }],
    ['for the age of the backend', { serverTimes: ASKING, holdUs: 'end' }],
  ])('one %s, says Terminate once it is answered, and asks no other', async (_, plan) => {
    const story = await open(plan, false);
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ queries: 1, terminates: 1, abandoned: 0 });
    const { readyUs } = story.attempt;
    expect((story.connectionEndUs ?? 0) - readyUs).toBeGreaterThanOrEqual(149_000);
  });

  it('does not wait for the answer where everything is to end at once', async () => {
    const story = await open({ queries: 1, timeoutUs: 30_000_000 }, true);
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.attempt.queriedUs).toBe(ABSENT);
  });
});

describe('abandonAfter', () => {
  it('gives up what is not ready, and the connect stays unanswered', async () => {
    const { port } = await start({ fault: { at: 'sslrequest', how: 'silence' } });
    const story = await openAttempt(localEndpoint(port), { abandonAfterUs: 100_000 });
    expect(story).toMatchObject({ outcome: 'abandoned' });
    expect(story.failure).toBeUndefined();
    // Timers of Node may fire up to 1 ms early.
    expect(story.endUs - story.attempt.startUs).toBeGreaterThanOrEqual(99_000);
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ accepted: 1, sslRequests: 1, startups: 0, logins: 0 });
  });

  it('gives up what waits for our own proof as well', async () => {
    const { port } = await start({ auth: 'scram-sha-256', scram: { iterations: 4_000_000 } });
    const story = await openAttempt(localEndpoint(port, { maxScramIterations: 4_000_000 }), {
      abandonAfterUs: 200_000,
    });
    expect(story).toMatchObject({ outcome: 'abandoned' });
    expect(story.failure).toBeUndefined();
  });

  it('leaves alone what is ready in time, however long it is held', async () => {
    const { port } = await start();
    const plan = { abandonAfterUs: 2_000_000, holdUs: 2_100_000 };
    const story = await openAttempt(localEndpoint(port), plan);
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    await waitForCounters(server, ({ terminates, open }) => terminates === 1 && open === 0);
  });
});

describe('a uniform hold', () => {
  it('lasts as long as is drawn for each arrival', async () => {
    const { port } = await start();
    const holdUs = { minUs: 10_000, maxUs: 120_000 };
    const stories = await openAttempts(localEndpoint(port), { holdUs }, 10);
    for (const { attempt, connection, connectionEndUs = 0 } of stories) {
      expect(connection).toBe('closed');
      const heldUs = connectionEndUs - attempt.readyUs;
      // Timers of Node may fire up to 1 ms early.
      expect(heldUs).toBeGreaterThanOrEqual(Number(drawHoldUs(holdUs, attempt)) - 1_000);
    }
  });
});

describe('localAddresses', () => {
  it('are what the server sees, in turn by arrival', async () => {
    const { port } = await start();
    const localAddresses = ['127.0.0.2', '127.0.0.3'];
    const stories = await openAttempts(localEndpoint(port), { localAddresses }, 5);
    expect(stories.map(({ outcome }) => outcome)).toEqual(Array(5).fill('ok'));
    const { peers } = await waitForCounters(server, ({ open }) => open === 0);
    expect(peers).toEqual({ '127.0.0.2': 3, '127.0.0.3': 2 });
  });

  it('an address that is gone is a failure of this machine', async () => {
    const { port } = await start();
    const story = await openAttempt(localEndpoint(port), { localAddresses: ['192.0.2.1'] });
    expect(story.failure).toMatchObject({ layer: 'local', phase: 'tcp', code: 'EADDRNOTAVAIL' });
  });
});
