import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
} from '../support/servers/known-server.ts';

let servers: KnownServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

/** A connection string that names all of them. */
async function start(...behaviours: Behaviour[]): Promise<string> {
  servers = await Promise.all(behaviours.map((behaviour) => startKnownServer(behaviour)));
  const hosts = servers.map(() => '127.0.0.1').join(',');
  const ports = servers.map(({ port }) => port).join(',');
  return `host=${hosts} port=${ports} user=storm password=secret dbname=storm`;
}

async function countLogins(): Promise<number[]> {
  const counters = await Promise.all(servers.map((server) => server.counters()));
  return counters.map(({ logins }) => logins);
}

const STORM = { load: constantRate(30, '1s') };
/** Logins of a run's own check: one as the storm, one with pg. */
const CHECK = 2;

it('a run is judged by its budgets, in its file too', async () => {
  const budgets = ['latency p(99) < 1us', 'failed count < 1'];
  const { summary, header, reasons } = await runStorm(await start({}), { ...STORM, budgets });
  expect(header.budgets).toEqual(budgets);
  expect(summary.budgets.map(({ budget }) => budget)).toEqual(budgets);
  // On a busy machine the measurement may be invalid, which keeps none.
  const { valid } = summary.validity;
  const [latency, failed] = summary.budgets.map(({ verdict }) => verdict);
  expect(latency).toBe(valid ? 'fail' : 'not-judged');
  // Counts are judged where starts were merely late, too.
  expect(valid ? ['pass'] : ['pass', 'not-judged']).toContain(failed);
  expect(reasons).toEqual(valid ? ['budgetBroken'] : ['invalid', 'budgetBroken']);
  expect(summary.exitCode).toBe(valid ? 99 : 111);
});

describe('a run against several hosts', () => {
  it('storms the first that can be used', async () => {
    const text = await start({ fault: { at: 'connect', how: 'close' } }, {}, {});
    const { summary, header, notes } = await runStorm(text, STORM);
    expect(summary.accounting).toMatchObject({ due: 30, ok: 30 });
    expect(await countLogins()).toEqual([0, 30 + CHECK, 0]);
    expect(header.target.port).toBe(servers[1]?.port);
    expect(header.target.hosts).toBeUndefined();
    expect(notes).toContainEqual(
      expect.stringMatching(/^left out: 127\.0\.0\.1:\d+ accepted the connection and closed it/),
    );
  });

  it.each([1, 2])('spreads attempts evenly over all with %i workers', async (workers) => {
    const text = await start({}, { sslReply: 'S' }, {});
    const { summary, header } = await runStorm(`${text} load_balance_hosts=random`, {
      ...STORM,
      workers,
    });
    expect(summary.accounting).toMatchObject({ due: 30, ok: 30 });
    expect(await countLogins()).toEqual([10 + CHECK, 10 + CHECK, 10 + CHECK]);
    expect(header.target.hosts?.map(({ port }) => port)).toEqual(servers.map(({ port }) => port));
    expect(header.target.hosts?.map(({ server }) => server.tls !== null)).toEqual([
      false,
      true,
      false,
    ]);
    expect(JSON.stringify(header)).not.toContain('secret');
  });

  it('settles TLS for each under the pg driver', async () => {
    const text = await start({}, { sslReply: 'S' });
    const { summary, header } = await runStorm(`${text} load_balance_hosts=random`, {
      ...STORM,
      connection: { driver: 'pg' },
    });
    expect(summary.accounting).toMatchObject({ ok: 30 });
    expect(header.target.hosts?.map(({ sslmode }) => sslmode)).toEqual(['disable', 'require']);
    expect(summary.boundaries).toEqual({ absent: 15, sslrequest: 15 });
  });

  it('keeps what target_session_attrs asked for', async () => {
    const standby = { in_hot_standby: 'on', default_transaction_read_only: 'off' };
    const text = await start({ parameters: standby }, { answers: { recovery: 'off' } });
    const { header } = await runStorm(`${text} target_session_attrs=primary`, STORM);
    expect(header.target).toMatchObject({ port: servers[1]?.port, sessionAttrs: 'primary' });
  });

  it('sends nothing to any before the consent that one of them needs', async () => {
    const text = (await start({})).replace('127.0.0.1', '127.0.0.1,192.0.2.1');
    const storm = runStorm(text, STORM);
    await expect(storm).rejects.toThrow(UsageError);
    await expect(storm).rejects.toThrow(/127\.0\.0\.1:\d+ and 192\.0\.2\.1:\d+ with up to/);
    expect((await servers[0]?.counters())?.accepted).toBe(0);
  });
});

describe('connect_timeout', () => {
  it('is how long attempts may take, and the header says so', async () => {
    const fault = { at: 'sslrequest', how: 'silence' } as const;
    const text = await start({ spareFirst: CHECK, fault });
    const { summary, header, notes } = await runStorm(`${text} connect_timeout=1`, {
      load: constantRate(10, '500ms'),
    });
    expect(summary.errors).toMatchObject([{ code: 'TIMEOUT', message: 'no answer within 1 s' }]);
    expect(header.spec).toMatchObject({ connection: { timeout: '1s' } });
    expect(notes).toContainEqual(expect.stringMatching(/^attempts time out after 1 s/));
  });
});
