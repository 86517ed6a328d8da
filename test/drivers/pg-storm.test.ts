import { describe, expect, it, onTestFinished } from 'vitest';
import { constantRate, runStorm } from '../support/run-storm.ts';
import { type Behaviour, startDuring } from '../support/servers/known-server.ts';

/** Whole runs with `connection.driver: pg`. */

const start = async (behaviour: Behaviour): Promise<string> =>
  (await startDuring(onTestFinished, { spareFirst: 2, ...behaviour })).url;

const PG = { connection: { driver: 'pg', queries: 1 } };

describe('a storm of pg.Clients', () => {
  it('counts every attempt, finds a delay in its phase, and says how often pg derived', async () => {
    const url = await start({ auth: 'scram-sha-256', readyDelayMs: 100, refuseEvery: 5 });
    const { summary, header } = await runStorm(url, { load: constantRate(25, '2s'), ...PG });
    expect(summary.accounting).toMatchObject({ due: 50, started: 50, ok: 40, failed: 10 });
    expect(summary.connections).toMatchObject({ opened: 40, closed: 40 });
    expect(summary.errors[0]).toMatchObject({ layer: 'server', code: '53300', count: 10 });
    const { ready, firstQuery, tls } = summary.metrics;
    expect(ready?.count).toBe(40);
    // The median: where we are held up behind the write that ends auth, ready begins late.
    expect(ready?.p50Us).toBeGreaterThanOrEqual(99_000);
    expect(firstQuery?.count).toBe(40);
    expect(tls).toBeUndefined();
    expect(summary.boundaries).toEqual({ 'auth-request': 40 });
    expect(summary.scram).toMatchObject({ derivations: 40, salts: 1, cache: false });
    const { waits, shortestUs } = summary.scram ?? {};
    expect(waits?.count).toBe(40);
    expect(waits?.p50Us).toBeGreaterThanOrEqual(shortestUs ?? Number.NaN);
    expect(header.spec).toMatchObject({ connection: { driver: 'pg' } });
  });

  it.each([
    ['N', 'disable', 'absent'],
    ['S', 'require', 'sslrequest'],
  ] as const)(
    'settles sslmode=prefer by the first login: reply %s means %s',
    async (sslReply, sslmode, boundary) => {
      const url = await start({ sslReply });
      const { summary, header, notes } = await runStorm(url, {
        load: constantRate(20, '1s'),
        ...PG,
      });
      expect(header.target.sslmode).toBe(sslmode);
      expect(notes.join('\n')).toContain(`the pg driver has no sslmode=prefer: it uses ${sslmode}`);
      expect(summary.accounting).toMatchObject({ ok: 20 });
      expect(summary.boundaries).toEqual({ [boundary]: 20 });
    },
  );
});
