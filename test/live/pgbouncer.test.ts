import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/commands/inspect.ts';
import type { InspectionReport } from '../../src/report/inspect/inspection.ts';
import { DRIVER_NAMES } from '../../src/scenario/schema/driver-name.ts';
import { captureIo } from '../commands/captured-io.ts';
import { constantRate, runStorm, temporaryPath } from '../support/run-storm.ts';
import { createCertificate } from '../support/servers/known/certificate.js';
import { labForSuite } from '../support/servers/lab.ts';
import {
  NO_PGBOUNCER,
  type PgBouncerOptions,
  withPgBouncer,
} from '../support/servers/pgbouncer.ts';

/** PgBouncer as the target, in front of a real Postgres; a client's SCRAM login passes through to the server. */

const identity = createCertificate({ altNames: ['localhost', '127.0.0.1'] });

describe.skipIf(NO_PGBOUNCER !== '')(`a storm through PgBouncer${NO_PGBOUNCER}`, () => {
  const lab = labForSuite({ auth: 'scram-sha-256' });
  const certificate = temporaryPath('pgbouncer.crt');
  writeFileSync(certificate, identity.cert);
  const tls: PgBouncerOptions = { identity, clientTls: 'require' };

  describe.each(DRIVER_NAMES)('with the %s driver', (driver) => {
    it.each<[string, PgBouncerOptions, Record<string, string>, string]>([
      ['without TLS', {}, { sslmode: 'disable' }, 'auth-request'],
      ['where TLS is required', tls, { sslmode: 'require' }, 'sslrequest'],
      [
        'with its certificate verified',
        tls,
        { sslmode: 'verify-full', sslrootcert: certificate },
        'sslrequest',
      ],
      // Beside those that PgBouncer tracks itself, e.g. application_name, it takes none.
      [
        'that ignores no startup parameter',
        { settings: { ignore_startup_parameters: '' } },
        { sslmode: 'disable' },
        'auth-request',
      ],
    ])('logs in with SCRAM, %s, and queries', async (_, options, parameters, boundary) => {
      await withPgBouncer(lab(), options, async (pooler) => {
        const url = `${pooler.url}?${new URLSearchParams(parameters)}`;
        const { summary, header, notes } = await runStorm(url, {
          load: constantRate(40, '500ms'),
          connection: { driver, queries: 1 },
        });
        expect(summary.accounting).toMatchObject({ due: 20, ok: 20, failed: 0 });
        expect(summary.connections).toMatchObject({ opened: 20, closed: 20 });
        expect(summary.boundaries).toEqual({ [boundary]: 20 });
        const { server, sslmode } = header.target;
        expect(sslmode).toBe(parameters.sslmode);
        expect(server).toMatchObject({ auth: 'scram-sha-256', pooler: true, slots: null });
        expect(server.version).toBe(lab().version);
        expect(server.tls === null).toBe(options.identity === undefined);
        expect(summary.metrics.tls?.count).toBe(options.identity === undefined ? undefined : 20);
        expect(notes.join('\n')).toContain('The first query shows whether that server answers');
        expect(notes.join('\n')).not.toContain('Set connection.queries=1');
      });
    });
  });

  it('under sslmode=prefer goes by what PgBouncer answers', async () => {
    for (const [options, isEncrypted] of [
      [{}, false],
      [{ identity, clientTls: 'prefer' }, true],
    ] as const) {
      await withPgBouncer(lab(), options, async ({ url }) => {
        const { summary } = await runStorm(url, { load: constantRate(20, '500ms') });
        expect(summary.accounting).toMatchObject({ ok: 10 });
        expect(summary.boundaries).toEqual({ sslrequest: 10 });
        expect(summary.metrics.tls?.count).toBe(isEncrypted ? 10 : undefined);
      });
    }
  });

  it('is refused where PgBouncer requires TLS and we have none', async () => {
    await withPgBouncer(lab(), tls, async ({ url }) => {
      const storm = runStorm(`${url}?sslmode=disable`, { load: constantRate(20, '500ms') });
      await expect(storm).rejects.toThrow(/08P01 .*SSL required/);
    });
  });

  it('counts what max_client_conn refuses, if more than that is asked for on purpose', async () => {
    const limits = { maxClientConn: 10, poolSize: 5 };
    await withPgBouncer(lab(), limits, async ({ url }) => {
      const load = constantRate(50, '1s', { maxInFlight: 400 });
      const storm = { load, connection: { hold: 'end' } };
      await expect(runStorm(url, storm)).rejects.toThrow(
        /max_client_conn 10, 0 used.*--beyond-slots/,
      );
      const { summary, header } = await runStorm(url, storm, { beyondSlots: true });
      expect(header.plan.maxInFlight).toBe(400);
      expect(summary.accounting).toMatchObject({ due: 50, ok: 10, failed: 40 });
      expect(summary.connections).toMatchObject({ opened: 10, closed: 10 });
      expect(summary.errors).toMatchObject([
        {
          layer: 'server',
          code: '08P01',
          message: 'no more connections allowed (max_client_conn)',
          count: 40,
        },
      ]);
    });
  });

  it('is left alone by the kill switch once its limit keeps others out', async () => {
    // Twenty of the storm, and the canary: the witness finds no room.
    const limits = { maxClientConn: 21, poolSize: 5 };
    await withPgBouncer(lab(), limits, async ({ url }) => {
      const { summary, records } = await runStorm(url, {
        load: { executor: 'burst', clients: 20, window: '1s', duration: '1m' },
        connection: { hold: 'end' },
        killSwitch: true,
      });
      expect(summary.reason).toMatch(/^kill switch: .* refused \(08P01 no more connections/);
      // On a busy machine the witness may come while they are still under way.
      const { ok, cancelled, failed } = summary.accounting;
      expect({ failed, others: ok + cancelled }).toEqual({ failed: 0, others: 20 });
      expect(records).toContainEqual(
        expect.objectContaining({ type: 'decision', decision: 'kill' }),
      );
    });
  });

  it('has sessions come back until its limit has room for them', async () => {
    const limits = { maxClientConn: 10, poolSize: 5 };
    await withPgBouncer(lab(), limits, async ({ url }) => {
      const { summary } = await runStorm(
        url,
        {
          load: { executor: 'burst', clients: 25, maxInFlight: 100, duration: '5s' },
          connection: { hold: '100ms', queries: 1 },
          retry: { policy: 'fixed', base: '100ms', maxAttempts: 100, timeout: '5s' },
        },
        { beyondSlots: true },
      );
      expect(summary.sessions).toMatchObject({ begun: 25, connected: 25, reconnects: 0 });
      expect(summary.accounting.failed).toBe(summary.accounting.started - 25);
      expect(summary.accounting.failed).toBeGreaterThan(0);
      expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
    });
  });

  it('waits in line for a server connection in its first query, not in its login', async () => {
    const pool = { poolSize: 1, poolMode: 'session' } as const;
    await withPgBouncer(lab(), pool, async ({ url }) => {
      const { summary } = await runStorm(url, {
        // Each holds the only server connection for longer than the next takes to come.
        load: constantRate(20, '500ms'),
        connection: { queries: 1, hold: '100ms' },
      });
      expect(summary.accounting).toMatchObject({ ok: 10, failed: 0 });
      const { firstQuery, serviceTime } = summary.metrics;
      expect(firstQuery?.count).toBe(10);
      expect(firstQuery?.maxUs).toBeGreaterThan(400_000);
      expect(serviceTime?.p50Us).toBeLessThan((firstQuery?.p50Us ?? 0) / 2);
    });
  });

  it('has as many in flight as its console leaves, whatever the pool takes of the server', async () => {
    await withPgBouncer(lab(), { maxClientConn: 60, poolSize: 5 }, async ({ url }) => {
      const { header, notes } = await runStorm(url, { load: constantRate(20, '500ms') });
      expect(header.plan.maxInFlight).toBe(50);
      expect(header.target.server.clients).toEqual({ max: 60, used: 0 });
      expect(notes.join('\n')).toContain(
        'at most 50 attempts in flight: 60 free slots: max_client_conn 60, 0 used, minus a reserve of 10',
      );
    });
  });

  it('has at most 500 in flight if its console refuses, and says what it said', async () => {
    await withPgBouncer(lab(), { settings: { stats_users: 'nobody' } }, async ({ url }) => {
      const { header, notes } = await runStorm(url, { load: constantRate(20, '500ms') });
      expect(header.plan.maxInFlight).toBe(500);
      expect(header.target.server.unread?.clients).toContain('not allowed');
      expect(notes.join('\n')).toMatch(/console did not say how many clients .*not allowed/);
    });
  });

  it('is inspected as a pooler with its own limit, and with the server behind it', async () => {
    await withPgBouncer(lab(), tls, async ({ url }) => {
      const target = `${url}?sslmode=require`;
      const asJson = captureIo();
      expect(await inspect.execute({ target, json: true }, asJson.io)).toEqual([]);
      const report: InspectionReport = JSON.parse(asJson.readStdout());
      expect(report.server).toMatchObject({ pooler: true, slots: null, auth: 'scram-sha-256' });
      expect(report.server.clients?.used).toBe(0);
      expect(report.limits).toBeNull();
      const asText = captureIo();
      expect(await inspect.execute({ target }, asText.io)).toEqual([]);
      const text = asText.readStdout();
      expect(text).toMatch(/pooler +a pooler is in between/);
      expect(text).toMatch(/slots +[\d,]+ free for clients of the pooler: max_client_conn/);
      expect(text).toMatch(/TLS = TLSv1\S+ \S+\n +each connect is a full handshake with/);
      expect(text).toContain('are those of the server behind the pooler');
      const direct = captureIo();
      expect(await inspect.execute({ target: lab().url, json: true }, direct.io)).toEqual([]);
      const behind: InspectionReport = JSON.parse(direct.readStdout());
      expect(behind.server.instance).toContain('/');
      expect(report.server.instance).toBe(behind.server.instance);
    });
  });

  it('is known by its console', async () => {
    await withPgBouncer(lab(), {}, async (pooler) => {
      const url = new URL(pooler.url);
      url.pathname = '/pgbouncer';
      const { io, readStdout } = captureIo();
      expect(await inspect.execute({ target: url.href }, io)).toEqual([]);
      const text = readStdout();
      expect(text).toMatch(/server +console of PgBouncer \d/);
      expect(text).not.toMatch(/cannot be seen|PostgreSQL \d+\./);
    });
  });
});
