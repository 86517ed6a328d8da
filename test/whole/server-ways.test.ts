import { afterAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/terminal.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
} from '../support/servers/known-server.ts';

/** What whole runs make of servers and poolers as they really are. */

const SHORT = { load: constantRate(50, '400ms') };
/** Several run at a time: each mostly waits. */
const servers: KnownServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));
const start = async (behaviour: Behaviour): Promise<string> => {
  const server = await startKnownServer(behaviour);
  servers.push(server);
  return server.url;
};

const READABLE = {
  pg_settings: [
    { name: 'server_version', value: '15.4' },
    { name: 'max_connections', value: '100' },
  ],
  pg_roles: [
    {
      superuser: false,
      role_limit: -1,
      database_limit: -1,
      used: 95,
      role_used: 5,
      database_used: 95,
    },
  ],
};
const TOLD = { totalMs: 0.1, forkMs: 0, authMs: 0, ageMs: 0 };

describe.concurrent('a run', () => {
  it('counts what the server says at login, tells it once and in no control characters', async () => {
    const md5 = {
      severity: 'WARNING',
      code: '01P01',
      message: 'md5 is \u001b[31mdeprecated',
    } as const;
    const url = await start({ loginNotices: [md5] });
    const { summary, records, header } = await runStorm(url, SHORT);
    const { ok } = summary.accounting;
    expect(ok).toBe(20);
    expect(summary.notices).toEqual([{ ...md5, count: ok }]);
    const told = records.flatMap((record) =>
      record.type === 'interval' ? (record.notices ?? []) : [],
    );
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(ok);
    const style = { columns: 80, colour: false, resultPath: null };
    const report = renderReport({ summary, header }, style);
    expect(report).toContain('the server said\n20  WARNING 01P01: md5 is \\x1b[31mdeprecated\n');
    expect(report.split('md5 is')).toHaveLength(2);
  });

  it('says nothing of a server that says nothing', async () => {
    const { summary, header } = await runStorm(await start({}), SHORT);
    expect(summary).not.toHaveProperty('notices');
    const style = { columns: 80, colour: false, resultPath: null };
    expect(renderReport({ summary, header }, style)).not.toContain('the server said');
  });

  it('storms a server without max_connections', async () => {
    const tables = {
      ...READABLE,
      pg_settings: [{ name: 'max_connections', value: '-1' }],
    };
    const { summary, notes } = await runStorm(await start({ tables, serverTimes: TOLD }), SHORT);
    expect(summary.accounting.ok).toBe(20);
    expect(notes).toContain('at most 500 attempts in flight: the target reports no limit');
  });

  it("holds nobody to a server's slots where a pooler may be in between", async () => {
    const behaviour = { tables: READABLE, serverTimes: TOLD };
    const asked = { ...SHORT, load: { ...SHORT.load, maxInFlight: 400 } };
    await expect(runStorm(await start(behaviour), asked)).rejects.toThrow(/more than the target/);
    const url = await start({ ...behaviour, noBackendKey: true });
    expect((await runStorm(url, asked)).summary.accounting.ok).toBe(20);
    const { notes } = await runStorm(url, SHORT);
    expect(notes.join()).toMatch(
      /5 free slots: .*; it cannot be seen whether a pooler is in between/,
    );
    const between = await start({ ...behaviour, seenPort: 'another' });
    expect((await runStorm(between, asked)).summary.accounting.ok).toBe(20);
    const told = await runStorm(between, SHORT);
    expect(told.notes.join()).toMatch(
      /5 free slots: .*; the server sees connstorm at another port than its own, .*: if it is a pooler/,
    );
    expect(told.header.target.server).toMatchObject({ pooler: null, between: true });
  });

  it('asks a pooler that hands on backends for no server times, and says why', async () => {
    const { summary, header, notes } = await runStorm(
      await start({ handsOnBackends: true }),
      SHORT,
    );
    expect(header.target.server.pooler).toBe(true);
    expect(header.serverTimes).toBeUndefined();
    expect(Object.keys(summary.metrics).filter((name) => /^queueWait/.test(name))).toEqual([]);
    expect(notes.join()).toMatch(/queue waits will be missing: a pooler is in between/);
  });

  it('prints no wait of backends that are older than their attempts, nor what the server said of its own part', async () => {
    // As a pool does that was cold at the three logins before the storm.
    const url = await start({ spareFirst: 3, serverTimes: { ...TOLD, lateAgeMs: 600_000 } });
    const { summary, records } = await runStorm(url, SHORT);
    // It was told all the same.
    expect(JSON.stringify(records)).toMatch(/"told":[1-9]/);
    expect(Object.keys(summary.metrics).join()).not.toMatch(/queueWait|server/);
    expect(summary.warnings?.map(({ code }) => code)).toContain('OLD_BACKENDS');
  });

  it('logs in with as many SCRAM iterations as the scenario allows, and no more', async () => {
    const url = await start({ auth: 'scram-sha-256', scram: { iterations: 110_000 } });
    const allowed = { ...SHORT, connection: { maxScramIterations: 110_000 } };
    expect((await runStorm(url, allowed)).summary.accounting.ok).toBe(20);
    const refused = runStorm(url, { ...SHORT, connection: { maxScramIterations: 109_999 } });
    await expect(refused).rejects.toThrow(/connection\.maxScramIterations allows 109999/);
    await expect(runStorm(url, SHORT)).rejects.toThrow(/allows 100000/);
  });
});

describe.concurrent('a pooler that is full', () => {
  it.each([
    'Max client connections reached',
    '(EMAXCONN) max client connections reached, limit: 15',
  ])('ends a run by the kill switch with %s', async (message) => {
    // The preflight's two connections, the canary's, and 20 that are held.
    const refusal = { code: 'XX000', message };
    const url = await start({ spareFirst: 23, refuseEvery: 1, refusal });
    const load = { executor: 'burst', clients: 20, duration: '1m' };
    const { summary } = await runStorm(url, {
      load,
      connection: { hold: 'end' },
      killSwitch: true,
    });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(
      /^kill switch: new connections beside the storm are refused \(XX000/,
    );
  });
});

describe.concurrent('a session whose query is answered with an error', () => {
  const storm = async (refusal: NonNullable<Behaviour['refusal']>) => {
    const url = await start({
      spareFirst: 3,
      refuseEvery: 4,
      refusal: { at: 'query', ...refusal },
    });
    return runStorm(url, {
      load: constantRate(20, '1s'),
      connection: { queries: 1 },
      retry: { policy: 'fixed', base: '10ms', timeout: '10s' },
    });
  };

  it('comes back where the error was FATAL, of whatever class', async () => {
    const { summary } = await storm({ code: '25P03', message: 'idle in transaction' });
    expect(summary.sessions?.reconnects).toBeGreaterThanOrEqual(1);
    expect(summary.connections.queryFailed).toBeGreaterThanOrEqual(1);
  });

  it('has nothing to come back from where it was an ERROR', async () => {
    const { summary } = await storm({ severity: 'ERROR', code: '57P04', message: 'no database' });
    expect(summary.sessions?.reconnects).toBe(0);
    expect(summary.connections.queryFailed).toBeGreaterThanOrEqual(1);
  });
});
