import { describe, expect, it } from 'vitest';
import { listChildren } from '../../src/lab/process/child-processes.ts';
import { readText } from '../../src/probes/proc/proc-text.ts';
import { renderReport } from '../../src/report/terminal.ts';
import { constantRate, observe, runStorm, runVariants } from '../support/run-storm.ts';
import { NO_PGBOUNCER } from '../support/servers/pgbouncer.ts';

it('gives variants that ask for other labs a lab each', async () => {
  const { summary, header, notes } = await runVariants([], {
    load: constantRate(10, '500ms'),
    variants: {
      usual: {},
      same: {},
      trusting: { lab: { postgres: { auth: 'trust', settings: { max_connections: 50 } } } },
    },
    lab: { postgres: { auth: 'md5' } },
  });
  expect(notes[0]).toBe('no target given: starting 2 Postgres servers for this run');
  const [usual, same, trusting] = header.variants.map(({ target }) => target);
  expect(same?.port).toBe(usual?.port);
  expect(trusting?.port).not.toBe(usual?.port);
  expect(usual?.server.auth).toBe('md5');
  expect(trusting?.server).toMatchObject({ auth: 'trust', settings: { max_connections: '50' } });
  expect(notes.join('\n')).not.toContain('no verdict on');
  for (const variant of Object.values(summary.variants)) {
    expect(variant.accounting).toMatchObject({ due: 5, ok: 5 });
  }
});

/** A run without a target, whose lab has a pooler where it is wanted. */
describe.skipIf(NO_PGBOUNCER !== '')(`the lab of a run${NO_PGBOUNCER}`, () => {
  it('gives direct and pooled, and its pooler to the probes', async () => {
    const { summary, header, records, notes } = await runVariants([], {
      load: constantRate(20, '1s'),
      connection: { queries: 1 },
      variants: { bare: {}, behind: { target: 'pooled' } },
      probes: true,
      lab: { postgres: { auth: 'trust' }, pgbouncer: { poolMode: 'session', poolSize: 3 } },
    });
    const [bare, behind] = header.variants.map(({ target }) => target);
    const bareInFlight = header.variants[0]?.plan.maxInFlight;
    expect(bare).toMatchObject({ role: 'direct', lab: true, server: { pooler: false } });
    expect(bare).not.toHaveProperty('labPooler');
    expect(behind).toMatchObject({
      role: 'pooled',
      lab: true,
      server: { pooler: true, auth: 'trust' },
      labPooler: { poolMode: 'session', poolSize: 3, processes: 1 },
    });
    for (const variant of Object.values(summary.variants)) {
      expect(variant.accounting).toMatchObject({ due: 20, ok: 20 });
      expect(variant.metrics.firstQuery?.count).toBe(20);
    }
    const samples = records.filter((it) => it.type === 'sample' && it.probe === 'pooler');
    expect(samples.length).toBeGreaterThan(0);
    // What the pool may keep open is not for who connects directly.
    expect(bareInFlight).toBe(300 - 3 - 10 - 3);
    expect(notes[0]).toBe(
      'no target given: starting a Postgres for this run, and a PgBouncer in front of it',
    );
    const report = renderReport(
      { summary, header },
      { columns: 200, colour: false, resultPath: null },
    );
    expect(report).toMatch(
      /^behind: the lab's PgBouncer 1\.\S+: session pooling, at most 3 server connections$/m,
    );
  });

  it.runIf(process.platform === 'linux')('ends the run when its pooler goes', async () => {
    const isPgBouncer = (pid: number): boolean =>
      readText(`/proc/${pid}/comm`).trim() === 'pgbouncer';
    let killed: number[] = [];
    const interval = (): void => {
      if (killed.length > 0) return;
      killed = listChildren(process.pid)
        .map(({ pid }) => pid)
        .filter(isPgBouncer);
      for (const pid of killed.slice(1)) process.kill(pid, 'SIGKILL');
    };
    const { summary, header } = await runStorm(
      undefined,
      {
        load: constantRate(20, '1m'),
        connection: { queries: 1 },
        target: 'pooled',
        lab: { pgbouncer: { processes: 2 } },
      },
      { observer: observe([], { interval }) },
    );
    expect(killed).toHaveLength(2);
    expect(header.target).toMatchObject({ role: 'pooled', labPooler: { processes: 2 } });
    expect(summary).toMatchObject({ stoppedBy: 'error', exitCode: 1 });
    expect(summary.reason).toMatch(/^the lab's PgBouncer ended by itself: it was ended by SIGKILL/);
    expect(summary.accounting.ok).toBeGreaterThan(0);
    for (const pid of killed) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
