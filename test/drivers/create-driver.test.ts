import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock, readMonotonicUs } from '../../src/clock.ts';
import { createDriver } from '../../src/drivers/create-driver.ts';
import { Attempt, type AttemptSink, type ConnectionPlan } from '../../src/drivers/driver.ts';
import { DRIVER_NAMES, type DriverName } from '../../src/scenario/schema/driver-name.ts';
import { type SharedServer, startSharedServer } from '../support/servers/shared-server.ts';
import { localEndpoint, PLAIN_PLAN } from '../support/synthetic/open-attempt.ts';

let servers: SharedServer[] = [];
beforeAll(async () => {
  const behaviour = { auth: 'scram-sha-256' } as const;
  servers = await Promise.all([1, 2, 3].map(() => startSharedServer(behaviour)));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Opens attempts of these indexes one after another; resolves with the driver when all have ended. */
async function openAll(
  name: DriverName,
  indexes: number[],
  plan: Partial<ConnectionPlan> = {},
  count = servers.length,
) {
  let over = (): void => {};
  let ok = 0;
  const sink: AttemptSink = {
    ready: () => {
      ok += 1;
    },
    firstQuery: () => {},
    usable: () => {},
    backendAge: () => {},
    turned: () => {},
    failed: (_, failure) => {
      throw new Error(failure.message);
    },
    cancelled: () => over(),
    abandoned: () => over(),
    connectionEnded: () => over(),
  };
  const endpoints = servers
    .slice(0, count)
    .map(({ port }) => localEndpoint(port, { sslmode: 'disable' }));
  const now = createClock(readMonotonicUs());
  const driver = createDriver(name, endpoints, { ...PLAIN_PLAN, ...plan }, sink, now);
  for (const index of indexes) {
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    driver.open(new Attempt(0, index, now(), now()));
    await ended;
  }
  return { driver, ok };
}

async function countAll(read: 'accepted' | 'peers') {
  const counters = await Promise.all(servers.map((server) => server.counters()));
  return counters.map((counted) => counted[read]);
}

describe.each(DRIVER_NAMES)('several endpoints under the %s driver', (name) => {
  it('get attempt i modulo their number, and keep keys of their own', async () => {
    const before = (await countAll('accepted')) as number[];
    const { driver, ok } = await openAll(name, [0, 1, 2, 3, 4, 5, 7]);
    const after = (await countAll('accepted')) as number[];
    expect(after.map((count, place) => count - (before[place] ?? 0))).toEqual([2, 3, 2]);
    expect(ok).toBe(7);
    expect(driver.scramFigures.derivations).toBe(name === 'pg' ? 7 : 3);
  });
});

describe('local addresses', () => {
  it('all reach each of several endpoints, though they are as many', async () => {
    const localAddresses = ['127.0.0.2', '127.0.0.3'];
    await openAll('wire', [0, 1, 2, 3, 4, 5, 6, 7], { localAddresses }, 2);
    expect(await countAll('peers')).toMatchObject([
      { '127.0.0.2': 2, '127.0.0.3': 2 },
      { '127.0.0.2': 2, '127.0.0.3': 2 },
      {},
    ]);
  });
});
