import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { startCli } from '../support/cli/cli.ts';
import { constantRate, runStorm, temporaryPath } from '../support/run-storm.ts';
import { labForSuite, withLab } from '../support/servers/lab.ts';

/** The storm against a real Postgres. */

async function countBackends(lab: Lab): Promise<number> {
  const client = new pg.Client(lab.superuserUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'connstorm'",
    );
    return rows[0]?.count ?? Number.NaN;
  } finally {
    await client.end();
  }
}

/** Polls until the server has none of our backends; throws after 40 s. */
async function waitUntilDrained(lab: Lab): Promise<void> {
  const deadline = performance.now() + 40_000;
  for (let count = -1; count !== 0; count = await countBackends(lab)) {
    if (performance.now() > deadline) throw new Error(`${count} backends are left`);
  }
}

describe.each([
  ['trust', 'absent'],
  ['password', 'auth-request'],
  ['md5', 'auth-request'],
  ['scram-sha-256', 'auth-request'],
] as const)('a storm at a real Postgres under %s', (auth, boundary) => {
  const lab = labForSuite({ auth });

  it('logs in, in every phase, and leaves nothing behind', async () => {
    const { summary, header } = await runStorm(lab().url, {
      load: constantRate(50, '500ms'),
      connection: { queries: 1 },
    });
    const { version } = lab();
    expect(header.target.server).toMatchObject({ auth, version, pooler: false });
    expect(summary.accounting).toMatchObject({ due: 25, ok: 25, failed: 0 });
    expect(summary.connections).toMatchObject({ opened: 25, closed: 25 });
    expect(summary.boundaries).toEqual({ sslrequest: 25 });
    const { metrics } = summary;
    expect(metrics.firstQuery?.count).toBe(25);
    expect(metrics.auth?.count).toBe(auth === 'trust' ? undefined : 25);
    expect(summary.scram?.derivations).toBe(auth === 'scram-sha-256' ? 1 : undefined);
    await waitUntilDrained(lab());
  });

  it(`sees the boundary that sslmode=disable leaves: ${boundary}`, async () => {
    const url = new URL(lab().url);
    url.searchParams.set('sslmode', 'disable');
    const { summary } = await runStorm(url.href, {
      load: constantRate(20, '500ms'),
    });
    expect(summary.boundaries).toEqual({ [boundary]: 10 });
    expect(summary.metrics.spawn?.count).toBe(boundary === 'absent' ? undefined : 10);
  });
});

describe('a storm at a real Postgres', () => {
  it('counts what max_connections refuses, and refuses itself to ask for more than there is', async () => {
    await withLab(
      { settings: { max_connections: 30, superuser_reserved_connections: 3 } },
      async (lab) => {
        // Long enough that a busy machine has given back the slots of the logins before the storm.
        const load = constantRate(60, '3s');
        // 27 slots less the default reserve of 10.
        const { header } = await runStorm(lab.url, { load: constantRate(20, '300ms') });
        expect(header.plan.maxInFlight).toBe(17);
        const asked = { ...load, maxInFlight: 20 };
        await expect(runStorm(lab.url, { load: asked })).rejects.toThrow(
          /20 .*27 free slots.*--reserve/,
        );
        const held = await runStorm(
          lab.url,
          { load: asked, connection: { hold: 'end' } },
          { reserve: 5 },
        );
        const { accounting, errors } = held.summary;
        // Held connections keep their slots: beyond 27 every connect is refused. On a machine too busy to answer 60/s
        // the cap of 20 under way drops some before they are tried.
        const { ok, failed, dropped } = accounting;
        expect({ ok, failedOrDropped: failed + dropped }).toEqual({ ok: 27, failedOrDropped: 153 });
        // Said after the login; before it where the last slots, too, are still being given back.
        expect(errors.map(({ code }) => code)).toEqual(errors.map(() => '53300'));
        expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(failed);
        expect(failed).toBeGreaterThan(0);
        expect(errors.map(({ phase }) => phase)).toContain('ready');
        await waitUntilDrained(lab);
      },
    );
  });

  it('survives the server being killed in the middle, and says what happened', async () => {
    await withLab({}, async (lab) => {
      const storm = runStorm(lab.url, { load: constantRate(50, '3s') });
      await waitForBackend(lab);
      process.kill(lab.pid, 'SIGKILL');
      const { summary } = await storm;
      expect(summary.accounting.due).toBe(150);
      expect(summary.accounting.ok + summary.accounting.failed).toBe(150);
      expect(summary.accounting.ok).toBeGreaterThan(0);
      expect(summary.errors.some(({ code }) => code === 'ECONNREFUSED')).toBe(true);
      expect(summary.stoppedBy).toBe('end');
    });
  });
});

async function waitForBackend(lab: Lab): Promise<void> {
  const deadline = performance.now() + 40_000;
  const client = new pg.Client(lab.superuserUrl);
  client.on('error', () => {});
  await client.connect();
  const query =
    "SELECT sum(sessions)::int AS sessions FROM pg_stat_database WHERE datname = 'storm'";
  for (let sessions = 0; sessions < 10; ) {
    if (performance.now() > deadline) throw new Error('the storm never came');
    await client.query('SELECT pg_stat_clear_snapshot()');
    sessions = (await client.query<{ sessions: number }>(query)).rows[0]?.sessions ?? 0;
  }
  await client.end();
}

describe('connstorm killed while its lab runs', () => {
  it('leaves a result, no server and no folder', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'connstorm-test-'));
    // The server's account must be able to pass.
    await chmod(temporary, 0o711);
    const out = temporaryPath('killed.ndjson');
    const cli = startCli(['run', 'steady', '--duration', '60s', '--out', out], '/', {
      TMPDIR: temporary,
    });
    await cli.waitFor('at most');
    const [folder = ''] = await readdir(temporary);
    const pidFile = await readFile(join(temporary, folder, 'data', 'postmaster.pid'), 'utf8');
    const postmaster = Number(pidFile.split('\n')[0]);
    expect(isAlive(postmaster)).toBe(true);
    cli.child.kill('SIGKILL');
    await cli.ended;
    await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([]), 40_000);
    expect(isAlive(postmaster)).toBe(false);
    await rm(temporary, { recursive: true });
  });

  it('is stopped by Ctrl-C with its result kept, the lab gone', async () => {
    const out = temporaryPath('interrupted.ndjson');
    const cli = startCli(['run', 'steady', '--duration', '60s', '--out', out, '--json'], '/');
    await cli.waitFor('at most');
    // Not before the storm: that would be another answer.
    await vi.waitFor(
      async () => expect(await readFile(out, 'utf8')).toContain('"interval"'),
      40_000,
    );
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(105);
    expect(JSON.parse(stdout)).toMatchObject({ stoppedBy: 'signal', accounting: { inFlight: 0 } });
  });
});

/** A zombie that nobody has reaped yet is dead, though signals still find it. */
function isAlive(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(state.stdout.trim());
}
