import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { constantRate, runStorm } from '../support/run-storm.ts';
import type { Behaviour } from '../support/servers/known-server.ts';
import { serveTest } from '../support/servers/shared-server.ts';

/** Whole runs whose clients choose their host at each connect, against servers that change their roles. */

const PRIMARY: Behaviour = {
  parameters: { in_hot_standby: 'off', default_transaction_read_only: 'off' },
};
const STANDBY: Behaviour = {
  parameters: { in_hot_standby: 'on', default_transaction_read_only: 'off' },
};

const name = (ports: number[], parameters = ''): string =>
  `host=${ports.map(() => '127.0.0.1').join(',')} port=${ports.join(',')} user=storm password=secret dbname=storm sslmode=disable ${parameters}`;

/** A port on which nobody listens. */
async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const scenario = (driver: string, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  load: constantRate(50, '1s', { maxInFlight: 200 }),
  connection: { hosts: 'each-attempt', driver, timeout: '1s' },
  ...over,
});

it('says which host its background uses, if there are several', async () => {
  const [first, second] = [await serveTest(PRIMARY), await serveTest(PRIMARY)];
  const background = { checks: { activity: 'health-checks', rate: 10 } };
  const { notes, summary } = await runStorm(
    name([first.port, second.port]),
    scenario('wire', { background }),
  );
  expect(notes.join('\n')).toContain(
    `the activities beside the load use the first host only: 127.0.0.1:${first.port}`,
  );
  expect(summary.background).toMatchObject([{ name: 'checks', acts: { failed: 0 } }]);
});

describe.each(['wire', 'pg'])('a run of the %s driver that takes its hosts in turn', (driver) => {
  it('runs although the first host is down, and tells what each host got', async () => {
    const [closed, standby, primary] = [
      await findClosedPort(),
      await serveTest(STANDBY),
      await serveTest(PRIMARY),
    ];
    const text = name([closed, standby.port, primary.port], 'target_session_attrs=primary');
    const before = await primary.counters();
    const { summary, header, notes, path } = await runStorm(text, scenario(driver));
    expect(header.version).toBe(3);
    expect(summary.accounting).toMatchObject({ due: 50, started: 150, ok: 50, passedOn: 100 });
    expect(summary.hosts).toMatchObject([
      { started: 50, failed: 50, passedOn: 50, ok: 0 },
      { started: 50, failed: 50, passedOn: 50, ok: 0 },
      { started: 50, failed: 0, passedOn: 0, ok: 50 },
    ]);
    expect(summary.errors.map(({ code, count }) => [code, count]).sort()).toEqual([
      ['ECONNREFUSED', 50],
      ['SESSION_ATTRS', 50],
    ]);
    expect(notes.join('\n')).toContain('clients also try these hosts, which do not fit now: ');
    expect(header.target.hostTurns?.hosts.map(({ problem }) => problem === undefined)).toEqual([
      false,
      false,
      true,
    ]);
    expect((await primary.counters()).logins - before.logins).toBeGreaterThanOrEqual(50);
    expect(await readFile(path, 'utf8')).not.toContain('secret');
  });

  it('follows the roles when they change in mid-run', async () => {
    const [old, young] = [await serveTest(PRIMARY), await serveTest(STANDBY)];
    let intervals = 0;
    const text = name([young.port, old.port], 'target_session_attrs=read-write');
    const { summary } = await runStorm(
      text,
      scenario(driver, { load: constantRate(50, '4s', { maxInFlight: 200 }) }),
      {
        observer: {
          note: () => {},
          started: () => {},
          legStarted: () => {},
          interval: () => {
            intervals++;
            if (intervals === 2) void young.change(PRIMARY);
          },
          stepOpened: () => {},
          event: () => {},
          ended: () => {},
        },
      },
    );
    const [promoted, former] = summary.hosts ?? [];
    expect(summary.accounting).toMatchObject({ due: 200, ok: 200 });
    expect((promoted?.ok ?? 0) + (former?.ok ?? 0)).toBe(200);
    expect(promoted?.ok).toBeGreaterThan(0);
    expect(former?.ok).toBeGreaterThan(0);
    expect(summary.accounting.passedOn).toBe(former?.ok);
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });

  it('waits for its timeout at a host that hangs, at each connect', async () => {
    const [hung, primary] = [
      await serveTest({ ...PRIMARY, fault: { at: 'startup', how: 'silence' } }),
      await serveTest(PRIMARY),
    ];
    const connection = { hosts: 'each-attempt', driver, timeout: '300ms' };
    const load = constantRate(20, '1s', { maxInFlight: 200 });
    const { summary } = await runStorm(name([hung.port, primary.port]), { load, connection });
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20, failed: 20, passedOn: 20 });
    expect(summary.metrics.latency?.minUs).toBeGreaterThanOrEqual(299_000);
    expect(summary.metrics.latency?.censored).toBe(0);
  });

  it('is refused before it begins if no host fits', async () => {
    const [one, other] = [await serveTest(STANDBY), await serveTest(STANDBY)];
    const text = name([one.port, other.port], 'target_session_attrs=primary');
    await expect(runStorm(text, scenario(driver))).rejects.toThrow(
      /none of the 2 hosts can be used: .* is a standby/,
    );
  });
});
