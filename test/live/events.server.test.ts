import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { checkAccounting } from '../../src/model/accounting.ts';
import type { EventSummary } from '../../src/result/records/events.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { constantRate, observe, runStorm, type Storm } from '../support/run-storm.ts';
import { labForSuite } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

/** Events against real servers. test/run/events has their moments and their ends in virtual time. */

const RETRY = { policy: 'full-jitter', base: '100ms', timeout: '10s' };
const HELD = { executor: 'burst', clients: 20, window: '500ms', duration: '4s' };

function expectDone({ events = [], stoppedBy, reason }: SummaryRecord, kinds: string[]): void {
  expect(events.map(({ kind, state, reason }) => [kind, state, reason])).toEqual(
    kinds.map((kind) => [kind, 'done', undefined]),
  );
  expect([stoppedBy, reason]).toEqual(['end', undefined]);
}

function expectLaws({ summary }: Storm): void {
  const { accounting, connections, sessions } = summary;
  const options = { complete: true, sessions: sessions !== undefined };
  expect(checkAccounting(accounting, connections, options)).toEqual([]);
}

const find = ({ events = [] }: SummaryRecord, kind: string): EventSummary | undefined =>
  events.find((event) => event.kind === kind);

describe('in a lab of the run', () => {
  it.each(['fast', 'immediate'])(
    'a %s restart cuts all sessions, which come back; kill switch and probes follow the new postmaster',
    async (mode) => {
      const storm = await runStorm(undefined, {
        load: { ...HELD, duration: '6s' },
        connection: { hold: 'end' },
        retry: RETRY,
        killSwitch: true,
        probes: true,
        events: [{ at: '2s', do: 'restart', mode }],
      });
      expectDone(storm.summary, ['restart']);
      expectLaws(storm);
      expect(find(storm.summary, 'restart')?.detail).toMatch(/^the postmaster is process \d+ now$/);
      expect(storm.summary.connections.cut).toBe(20);
      expect(storm.summary.sessions?.reconnect).toMatchObject({ cut: 20, back: 20 });
      const states = storm.records.flatMap((record) =>
        record.type === 'probe' ? [`${record.probe} ${record.state}`] : [],
      );
      for (const state of ['canary lost', 'canary back', 'server back', 'host lost', 'host back']) {
        expect(states).toContain(state);
      }
      expect(storm.summary.watch?.canary.answered).toBeGreaterThan(0);
    },
  );

  it('stop, start, crash, stall and reload happen to its server', async () => {
    const storm = await runStorm(undefined, {
      load: { ...HELD, duration: '8s' },
      connection: { hold: 'end' },
      retry: RETRY,
      events: [
        { at: '1s', do: 'reload' },
        { at: '2s', do: 'crash' },
        { at: '4s', do: 'stall', duration: '500ms' },
        { at: '5s', do: 'stop' },
        { at: '5500ms', do: 'start' },
      ],
    });
    expectDone(storm.summary, ['reload', 'crash', 'stall', 'stop', 'start']);
    expectLaws(storm);
    expect(find(storm.summary, 'crash')?.detail).toMatch(/^backend \d+ was killed$/);
    const { fromUs = 0, toUs = 0 } = find(storm.summary, 'stall') ?? {};
    expect(toUs - fromUs).toBeGreaterThanOrEqual(500_000);
    // Those of the crash at least. How many were back at the stop depends on the machine.
    expect(storm.summary.connections.cut).toBeGreaterThanOrEqual(20);
  });

  it('a stop without a start is made good before the next leg', async () => {
    const scenario = {
      load: constantRate(10, '2s'),
      events: [{ at: '1s', do: 'stop' }],
    };
    const { summary, records } = await runStorm(undefined, scenario);
    expectDone(summary, ['stop']);
    expect(summary.accounting.failed).toBeGreaterThan(0);
    expect(records.at(-1)).toMatchObject({ type: 'summary' });
  });

  it('a kill switch ends the run when the time that an event allows is over', async () => {
    const { summary } = await runStorm(undefined, {
      load: constantRate(10, '20s'),
      killSwitch: true,
      events: [{ at: '1s', do: 'stop', allow: '2s' }],
    });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^kill switch: /);
    // Not before: the canary was lost with the server.
    expect(summary.rates.windowUs).toBeGreaterThan(3_000_000);
  });

  it('a command that fails ends the run, and its output is kept', async () => {
    const command = 'echo "port $CONNSTORM_PORT"; echo "no such host" >&2; exit 7';
    const scenario = {
      load: constantRate(10, '20s'),
      events: [{ at: '1s', do: 'exec', command }],
    };
    const { summary, reasons, header } = await runStorm(undefined, scenario, {
      trustScenario: true,
    });
    expect(summary).toMatchObject({ stoppedBy: 'event', exitCode: 108 });
    expect(reasons).toEqual(['stopCondition']);
    expect(summary.reason).toMatch(
      / failed: its exit code is 7, and its last line is: no such host$/,
    );
    expect(summary.accounting.ok).toBeGreaterThanOrEqual(10);
    expect(find(summary, 'exec')?.command).toEqual({
      exitCode: 7,
      output: `port ${header.target.port}\nno such host\n`,
    });
  });

  it('a command that never ends is ended at its timeout', async () => {
    const scenario = {
      load: constantRate(10, '20s'),
      events: [{ at: '500ms', do: 'exec', command: 'sleep 600', timeout: '500ms' }],
    };
    const { summary } = await runStorm(undefined, scenario, { trustScenario: true });
    expect(summary.reason).toBe(
      'events[0] (exec "sleep 600") failed: it was ended at its timeout of 500 ms',
    );
    expect(find(summary, 'exec')?.command).toMatchObject({ timedOut: true, signal: 'SIGTERM' });
  });

  it('a command needs trust', async () => {
    const scenario = {
      load: constantRate(10, '1s'),
      events: [{ at: '500ms', do: 'exec', command: 'true' }],
    };
    await expect(runStorm(undefined, scenario)).rejects.toMatchObject({
      code: 'SCENARIO_UNTRUSTED',
      message:
        'events[0].command "true" would run on this machine with all your rights: leave it out, or give --trust-scenario if you trust whoever wrote this',
    });
  });

  it('the standby becomes the primary, and the old one is lost', async () => {
    const storm = await runStorm(undefined, {
      load: { ...HELD, duration: '8s' },
      connection: { hold: 'end' },
      retry: RETRY,
      lab: { replicas: 1 },
      events: [{ at: '2s', do: 'promote', lostPrimary: true }],
    });
    expectDone(storm.summary, ['promote']);
    // The clients know the old primary alone.
    expect(storm.summary.connections.cut).toBe(20);
    expect(storm.summary.sessions?.reconnect?.back).toBe(0);
  });
});

describe('at a server that connstorm did not start', () => {
  const lab = labForSuite();

  it.each(['wire', 'pg'])(
    'drop-all ends the sessions of the storm and no others, %s driver',
    async (driver) => {
      const alien = new pg.Client({ connectionString: lab().url, application_name: 'connstorm' });
      await alien.connect();
      const names = new Set<string>();
      let asking = Promise.resolve();
      const observer = observe([], {
        event: ({ state }) => {
          if (state !== 'begun') return;
          asking = alien
            .query<{ name: string }>(
              'SELECT application_name AS name FROM pg_stat_activity WHERE usename = current_user',
            )
            .then(({ rows }) => {
              for (const { name } of rows) names.add(name);
            });
        },
      });
      const storm = await runStorm(
        lab().url,
        {
          load: HELD,
          connection: { hold: 'end', driver },
          retry: RETRY,
          workers: 2,
          events: [{ at: '2s', do: 'drop-all' }],
        },
        { observer },
      );
      await asking;
      expectDone(storm.summary, ['drop-all']);
      expectLaws(storm);
      expect(find(storm.summary, 'drop-all')?.detail).toBe(
        '20 sessions of the storm got the signal to end',
      );
      expect(storm.summary.connections.cut).toBe(20);
      expect(storm.summary.sessions?.reconnect).toMatchObject({ cut: 20, back: 20 });
      // The alien is still there.
      expect((await alien.query('SELECT 1')).rowCount).toBe(1);
      await alien.end();
    },
  );

  it('reload needs a right, which the refusal names', async () => {
    const scenario = { load: constantRate(10, '2s'), events: [{ at: '1s', do: 'reload' }] };
    const grant = new URL(lab().superuserUrl);
    grant.pathname = new URL(lab().url).pathname;
    const client = new pg.Client(grant.href);
    await client.connect();
    await client.query('REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM storm');
    await expect(runStorm(lab().url, scenario)).rejects.toMatchObject({
      code: 'EVENT_NOT_PERMITTED',
      message: expect.stringMatching(
        /^events\[0\] is reload, and the database user may not reload the configuration of .*: a superuser can allow it in this database with GRANT EXECUTE ON FUNCTION pg_reload_conf\(\) TO storm$/,
      ),
    });
    await client.query('GRANT EXECUTE ON FUNCTION pg_reload_conf() TO storm');
    await client.end();
    const before = (await readFile(lab().logPath, 'utf8')).split('received SIGHUP').length;
    const { summary } = await runStorm(lab().url, scenario);
    expectDone(summary, ['reload']);
    expect(summary.connections.cut).toBe(0);
    expect((await readFile(lab().logPath, 'utf8')).split('received SIGHUP').length).toBe(
      before + 1,
    );
  });

  it.each(['restart', 'crash'])('%s is refused before anything is sent', async (kind) => {
    const scenario = { load: constantRate(10, '2s'), events: [{ at: '1s', do: kind }] };
    await expect(runStorm('postgres://nobody@192.0.2.1/x', scenario)).rejects.toMatchObject({
      code: 'EVENT_NEEDS_LAB',
      exit: 'usage',
      message: expect.stringMatching(/or use exec with a command of your own, such as - \{ at: /),
    });
  });

  it('a command needs consent that names it, even on this machine', async () => {
    const scenario = {
      load: constantRate(10, '1s'),
      events: [{ at: '500ms', do: 'exec', command: './failover.sh' }],
    };
    await expect(runStorm(lab().url, scenario, { trustScenario: true })).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      message: expect.stringContaining(
        '500 ms after the start of the load: exec "./failover.sh" (the kill switch does not act for 60 s)',
      ),
    });
    const command = 'echo "$CONNSTORM_USER"';
    const told = await runStorm(
      lab().url,
      { ...scenario, events: [{ at: '500ms', do: 'exec', command }] },
      { trustScenario: true, yes: true },
    );
    expectDone(told.summary, ['exec']);
    expect(find(told.summary, 'exec')?.command).toEqual({ exitCode: 0, output: 'storm\n' });
  });

  it.skipIf(NO_PGBOUNCER !== '')(`drop-all is refused behind a pooler${NO_PGBOUNCER}`, async () => {
    await withPgBouncer(lab(), {}, async ({ url }) => {
      const scenario = { load: constantRate(10, '2s'), events: [{ at: '1s', do: 'drop-all' }] };
      await expect(runStorm(url, scenario)).rejects.toMatchObject({ code: 'EVENT_BEHIND_POOLER' });
    });
  });
});
