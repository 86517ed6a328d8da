import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { LabOptions } from '../../../src/lab/lab.ts';
import { constantRate, observe, runStorm } from '../../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { withLab } from '../../support/servers/lab.ts';
import { NO_PGBOUNCER } from '../../support/servers/pgbouncer.ts';

const VERSIONS: [string, LabOptions][] = [
  ['the embedded Postgres', {}],
  ...listInstalled().map((version): [string, LabOptions] => [
    `Postgres ${version}`,
    { postgresBin: join(INSTALLED, version, 'bin') },
  ]),
];

describe.each(VERSIONS)('%s', (_, options) => {
  it('speaks TLS to the storm, also after a restart, and plain to whoever does not ask', async () => {
    await withLab({ ...options, tls: true }, async ({ url, control, superuserUrl }) => {
      expect(new URL(url).searchParams.get('sslmode')).toBe('require');
      const isEncrypted = async (given: string, ssl: false | object): Promise<boolean> => {
        const plain = new URL(given);
        plain.search = '';
        const client = new pg.Client({ connectionString: plain.href, ssl });
        await client.connect();
        const { rows } = await client.query(
          'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
        );
        await client.end();
        return rows[0].ssl;
      };
      expect(await isEncrypted(url, { rejectUnauthorized: false })).toBe(true);
      expect(await isEncrypted(superuserUrl, false)).toBe(false);
      await control.stop('fast');
      await control.start();
      expect(await isEncrypted(url, { rejectUnauthorized: false })).toBe(true);
    });
  });
});

const LOAD = { load: constantRate(20, '1s'), connection: { queries: 1 } };

it.each(['scram-sha-256', 'md5', 'password', 'trust'] as const)(
  'a run logs in by %s over TLS, and so does one to a replica',
  async (auth) => {
    const lab = { postgres: { tls: true, auth }, replicas: 1 };
    for (const target of ['direct', 'replica']) {
      const { summary, header } = await runStorm(undefined, { ...LOAD, target, lab });
      expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
      expect(header.target.sslmode).toBe('require');
      expect(header.target.server.tls).toMatch(/^TLS/);
    }
  },
);

it('a run may ask for no TLS, without a warning', async () => {
  const notes: string[] = [];
  const connection = { queries: 1, sslmode: 'disable' };
  const lab = { postgres: { tls: true } };
  const observer = observe(notes);
  const { summary, header } = await runStorm(undefined, { ...LOAD, connection, lab }, { observer });
  expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
  expect(header.target.sslmode).toBe('disable');
  expect(notes.join('\n')).not.toContain('sslmode');
});

it.skipIf(NO_PGBOUNCER !== '')(
  `PgBouncer speaks TLS to clients and to the server${NO_PGBOUNCER}`,
  async () => {
    const lab = { postgres: { tls: true } };
    const { summary, header } = await runStorm(undefined, { ...LOAD, target: 'pooled', lab });
    expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
    expect(header.target.sslmode).toBe('require');
    await withLab({ tls: true }, async (running) => {
      const { url } = await running.startPooler();
      const plain = new URL(url);
      plain.search = '';
      const client = new pg.Client(plain.href);
      await client.connect();
      const { rows } = await client.query(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      expect(rows).toEqual([{ ssl: true }]);
      await client.end();
    });
  },
);
