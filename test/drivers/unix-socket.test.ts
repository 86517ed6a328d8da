import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/drivers/endpoint.ts';
import { DRIVER_NAMES } from '../../src/scenario/schema/driver-name.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
} from '../support/servers/known-server.ts';
import { localEndpoint, openAttempt, openAttempts } from '../support/synthetic/open-attempt.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-socket-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ENDPOINT: Endpoint = localEndpoint(5432, {
  host: folder,
  address: `${folder}/.s.PGSQL.5432`,
  sslmode: 'disable',
});

let server: KnownServer | undefined;
afterEach(async () => {
  await server?.stop();
  rmSync(ENDPOINT.address, { force: true });
});

async function start(behaviour: Behaviour): Promise<KnownServer> {
  server = await startKnownServer({ ...behaviour, socketFolder: folder });
  return server;
}

describe.each(DRIVER_NAMES)('the %s driver over a Unix socket', (name) => {
  it('stamps the phases: tcp is connect() still, and nothing is asked of TLS', async () => {
    const known = await start({ auth: 'scram-sha-256', startupDelayMs: 60 });
    const { outcome, attempt } = await openAttempt(ENDPOINT, { queries: 1 }, undefined, name);
    expect(outcome).toBe('ok');
    expect(attempt.boundary).toBe('auth-request');
    expect(attempt.establishedUs).toBeGreaterThanOrEqual(attempt.startUs);
    expect(attempt.spawnedUs - attempt.establishedUs).toBeGreaterThanOrEqual(60_000);
    expect(attempt.encryptedUs).toBe(-1);
    expect(attempt.queriedUs).toBeGreaterThan(attempt.readyUs);
    expect(await known.counters()).toMatchObject({ accepted: 1, sslRequests: 0, logins: 1 });
  });

  it('sees no end of spawn under trust', async () => {
    await start({});
    const { outcome, attempt } = await openAttempt(ENDPOINT, {}, undefined, name);
    expect([outcome, attempt.boundary]).toEqual(['ok', 'absent']);
  });

  it('says what is not there', async () => {
    const { failure } = await openAttempt(ENDPOINT, {}, undefined, name);
    expect(failure).toMatchObject({ layer: 'network', phase: 'tcp', code: 'ENOENT' });
  });

  it.runIf(process.platform === 'linux')(
    'is refused at once where the accept queue is full, once it is',
    async () => {
      const { pid } = await start({ backlog: 1 });
      process.kill(pid, 'SIGSTOP');
      while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const stories = await openAttempts(ENDPOINT, { timeoutUs: 500_000 }, 4, undefined, name);
      expect(stories.map(({ failure }) => failure)).toMatchObject([
        { layer: 'timeout', phase: 'spawn' },
        { layer: 'timeout', phase: 'spawn' },
        {
          layer: 'network',
          phase: 'tcp',
          code: 'EAGAIN',
          message: "connect EAGAIN: the server's accept queue is full",
        },
        { code: 'EAGAIN' },
      ]);
    },
  );

  it('sends the options of the server, and the database it was told', async () => {
    const known = await start({});
    const endpoint = { ...ENDPOINT, database: 'other', options: '-c a=b -c c=d' };
    await openAttempt(endpoint, {}, undefined, name);
    expect((await known.counters()).parameters).toMatchObject({
      user: 'storm',
      database: 'other',
      options: '-c a=b -c c=d',
      application_name: 'connstorm',
    });
  });
});
