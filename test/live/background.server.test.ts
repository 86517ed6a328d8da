import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { Background } from '../../src/background/background.ts';
import type { BackgroundInput } from '../../src/background/messages.ts';
import { readMonotonicUs } from '../../src/clock.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { BackgroundRecord } from '../../src/result/records/background.ts';
import type { ActivityPlan } from '../../src/scenario/plan/beside/background.ts';
import { resolveTarget } from '../../src/targets/naming/resolve.ts';
import { constantRate, observe, runStorm } from '../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../support/servers/installed.ts';
import { withLab } from '../support/servers/lab.ts';

/** Activities against a real Postgres: what its own log and views say of them. */

const SECOND_US = 1_000_000;

async function start(lab: Lab, plans: readonly ActivityPlan[], untilUs: number) {
  const resolved = await resolveTarget({ text: lab.url, env: {} });
  const endpoint = resolved?.hosts[0]?.target;
  if (endpoint === undefined) throw new Error('the lab has no address');
  const input: BackgroundInput = {
    activities: plans.map((plan) => ({ plan })),
    endpoint,
    isEncrypted: false,
    timeoutUs: 10 * SECOND_US,
    isReadOnly: false,
    mostOpeningUs: 60 * SECOND_US,
    seesHost: true,
    untilUs,
  };
  return Background.start(input, new AbortController().signal);
}

async function countReceived({ logPath }: Lab): Promise<number> {
  const log = await readFile(logPath, 'utf8');
  return log.split('\n').filter((line) => line.includes('connection received')).length;
}

/** Waits until the number of lines is that, and then whether more come. */
async function expectReceived(lab: Lab, expected: number): Promise<void> {
  await vi.waitFor(async () => expect(await countReceived(lab)).toBe(expected), 10_000);
  await delay(300);
  expect(await countReceived(lab)).toBe(expected);
}

/** Returns the memory of a process that no other has, from the list of its mappings, and its page tables. */
async function sumOwnBytes(pid: number): Promise<number> {
  const [maps, status] = await Promise.all(
    ['smaps', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  const pages = maps?.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm) ?? [];
  const tables = Number(/^VmPTE:\s+(\d+) kB/m.exec(status ?? '')?.[1]);
  return ([...pages].reduce((sum, [, kb]) => sum + Number(kb), 0) + tables) * 1024;
}

const versions = [['embedded', undefined], ...listInstalled().map((name) => [name, name])];

describe.each(versions)('the server of version %s', (_name, version) => {
  const options = {
    settings: { log_connections: 'on', max_connections: 60 },
    ...(version === undefined ? {} : { postgresBin: `${INSTALLED}/${version}/bin` }),
  };

  it('logs exactly 200 connections more for 100 cancel requests and 100 health checks', async () => {
    await withLab(options, async (lab) => {
      const untilUs = 2 * SECOND_US;
      const plans: ActivityPlan[] = [
        { name: 'stops', activity: 'cancels', ratePerSecond: 50 },
        {
          name: 'checks',
          activity: 'health-checks',
          ratePerSecond: 50,
          kind: 'tcp',
          stayUs: SECOND_US,
        },
      ];
      const before = await countReceived(lab);
      const background = await start(lab, plans, untilUs);
      // The connection whose backend is asked to cancel, and one check that is tried.
      await expectReceived(lab, before + 2);
      const records: BackgroundRecord[] = [];
      background.begin({
        t0Us: readMonotonicUs(),
        told: (record) => records.push(record),
        broke: (reason) => expect.unreachable(reason),
      });
      const sum = (count: 'due' | 'done'): number =>
        records.reduce((total, { acts }) => total + acts[count], 0);
      // On a busy machine the last ones are answered late.
      await vi.waitFor(() => expect(sum('done')).toBe(200), { timeout: 20_000, interval: 100 });
      await background.stop({ atOnce: false });
      expect(sum('due')).toBe(200);
      expect(records.flatMap(({ errors }) => errors)).toEqual([]);
      await expectReceived(lab, before + 202);
    });
  });
});

describe.each(versions)('signals to the server of version %s', (_name, version) => {
  const bin = version === undefined ? {} : { postgresBin: `${INSTALLED}/${version}/bin` };

  it('reach its processes, and only sessions of our own are terminated', async () => {
    await withLab({ settings: {}, ...bin }, async (lab) => {
      const other = new pg.Client(lab.url);
      await other.connect();
      const { summary } = await runStorm(lab.url, {
        load: constantRate(5, '3s'),
        background: {
          reload: { activity: 'reloads', rate: 2 },
          kill: { activity: 'terminations', rate: 4 },
          parallel: { activity: 'parallel-queries', rate: 2, workers: 2 },
        },
        killSwitch: false,
      });
      const [reload, kill, parallel] = summary.background ?? [];
      expect(reload?.acts).toMatchObject({ due: 6, failed: 0 });
      expect(kill?.acts).toMatchObject({ due: 12, failed: 0 });
      // Sessions that were to end count as no loss.
      expect(kill?.kept?.lost).toBe(0);
      expect(kill?.errors).toEqual([]);
      const log = await readFile(lab.logPath, 'utf8');
      const count = (text: string): number => log.split(text).length - 1;
      expect(count('received SIGHUP, reloading configuration files')).toBe(reload?.acts.done);
      expect(reload?.acts.done).toBeGreaterThan(0);
      expect(count('terminating connection due to administrator command')).toBe(kill?.acts.done);
      expect(kill?.acts.done).toBeGreaterThan(0);
      expect(parallel?.acts.done).toBeGreaterThan(0);
      expect(parallel?.workers?.launched).toBe(2 * (parallel?.acts.done ?? 0));
      // A session of another client with the same user is left alone, and so is the load.
      expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await other.end();
      expect(summary.accounting).toMatchObject({ ok: 15, failed: 0 });
      expect(summary.connections).toMatchObject({ opened: 15, closed: 15, cut: 0 });
    });
  });
});

it('terminations go on when the session that orders them was cut and is open again', async () => {
  await withLab({}, async (lab) => {
    const records: BackgroundRecord[] = [];
    const kill: ActivityPlan = { name: 'kill', activity: 'terminations', ratePerSecond: 5 };
    const background = await start(lab, [kill], 30 * SECOND_US);
    const told = (record: BackgroundRecord) => void records.push(record);
    background.begin({ t0Us: readMonotonicUs(), told, broke: () => {} });
    const superuser = new pg.Client(lab.superuserUrl);
    await superuser.connect();
    // All sessions but those that may be ended, whose names end with a mark.
    const { rowCount } = await superuser.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'storm' AND application_name !~ '/[0-9a-f]{12}$'",
    );
    expect(rowCount).toBe(1);
    await superuser.end();
    const findBack = () => records.findIndex(({ kept }) => kept?.back === 1);
    const countDone = () =>
      records.slice(findBack() + 1).reduce((sum, { acts }) => sum + acts.done, 0);
    await vi.waitFor(() => {
      expect(findBack()).not.toBe(-1);
      expect(countDone()).toBeGreaterThan(0);
    }, 20_000);
    await background.stop({ atOnce: true });
  });
});

describe('rights and workers', () => {
  it('that are missing: one line before the run names the GRANT that would help', async () => {
    await withLab({}, async (lab) => {
      const url = new URL(lab.superuserUrl);
      url.pathname = '/storm';
      const client = new pg.Client(url.href);
      await client.connect();
      await client.query('REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM storm');
      await client.end();
      const running = runStorm(lab.url, {
        load: constantRate(5, '1s'),
        background: { reload: { activity: 'reloads', rate: 1 } },
        killSwitch: false,
      });
      await expect(running).rejects.toThrow(
        'background.reload (reloads): the database user may not reload the configuration: a superuser can allow it in this database with GRANT EXECUTE ON FUNCTION pg_reload_conf() TO storm',
      );
    });
  });

  it('that the server has none to spare of: the result says that none was launched', async () => {
    await withLab({ settings: { max_parallel_workers: 0 } }, async (lab) => {
      const { summary } = await runStorm(lab.url, {
        load: constantRate(5, '2s'),
        background: { parallel: { activity: 'parallel-queries', rate: 2, workers: 2 } },
        killSwitch: false,
      });
      const [parallel] = summary.background ?? [];
      expect(parallel?.workers).toEqual({ planned: 2 * (parallel?.acts.done ?? 0), launched: 0 });
    });
  });
});

describe('held connections', () => {
  it('are backends during the load, and gone after it', async () => {
    await withLab({ settings: { max_connections: 80 } }, async (lab) => {
      const url = new URL(lab.superuserUrl);
      const client = new pg.Client(url.href);
      await client.connect();
      const countHeld = async (): Promise<number> => {
        const { rows } = await client.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = 'storm' AND state = 'idle' AND application_name = 'connstorm'",
        );
        return rows[0]?.count ?? -1;
      };
      const during: Promise<number>[] = [];
      const notes: string[] = [];
      const observer = observe(notes, { interval: () => void during.push(countHeld()) });
      const { summary } = await runStorm(
        lab.url,
        {
          load: constantRate(10, '3s'),
          background: { many: { activity: 'held', connections: 25 } },
          killSwitch: false,
          connection: { serverTimes: false },
        },
        { observer },
      );
      expect(summary.accounting).toMatchObject({ due: 30, ok: 30 });
      const [opening] = summary.background?.[0]?.openings ?? [];
      expect(opening).toMatchObject({ asked: 25, opened: 25 });
      const seen = await Promise.all(during.slice(0, 2));
      // A connect of the load may be there at that moment, too.
      for (const count of seen) expect([25, 26, 27]).toContain(count);
      expect(notes.join('\n')).toContain('25 of them by the background');
      await vi.waitFor(async () => expect(await countHeld()).toBe(0), 5_000);
      await client.end();
    });
  });

  it('tell the memory that only their backends have, and are ended by the server before the leg is over', async () => {
    await withLab({ settings: { max_connections: 80 } }, async (lab) => {
      const client = new pg.Client(lab.superuserUrl);
      await client.connect();
      const listHeld = async (): Promise<number[]> => {
        const { rows } = await client.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE usename = 'storm'",
        );
        return rows.map(({ pid }) => pid);
      };
      const plan: ActivityPlan = {
        name: 'many',
        activity: 'held',
        connections: 30,
        touchUs: undefined,
      };
      const background = await start(lab, [plan], SECOND_US);
      const pids = await listHeld();
      expect(pids).toHaveLength(30);
      const own = await Promise.all(pids.map(sumOwnBytes));
      const records: BackgroundRecord[] = [];
      background.begin({
        t0Us: readMonotonicUs(),
        told: (record) => records.push(record),
        broke: (reason) => expect.fail(reason),
      });
      await vi.waitFor(() => expect(records.length).toBeGreaterThan(0), 10_000);
      await background.stop({ atOnce: false });
      expect(await listHeld()).toEqual([]);
      const { memory = { backends: 0, bytes: 0 } } = records[0]?.opening ?? {};
      expect(memory.backends).toBe(30);
      const expected = own.reduce((sum, bytes) => sum + bytes, 0);
      expect(memory.bytes / expected).toBeGreaterThan(0.8);
      expect(memory.bytes / expected).toBeLessThan(1.2);
      await client.end();
    });
  });

  it('are fewer than asked for where the target has fewer free slots, which leaves room for the load', async () => {
    await withLab({ settings: { max_connections: 60 } }, async (lab) => {
      const { summary } = await runStorm(lab.url, {
        load: constantRate(10, '6s'),
        background: { many: { activity: 'held', connections: 500 } },
        killSwitch: false,
      });
      const [opening] = summary.background?.[0]?.openings ?? [];
      expect(opening?.asked).toBe(500);
      expect(opening?.opened).toBeGreaterThan(10);
      expect(opening?.opened).toBeLessThan(50);
      expect(opening?.leftOut).toMatch(/^the target has \d+ free slots/);
      expect(summary.accounting).toMatchObject({ ok: 60, failed: 0 });
    });
  });
});
