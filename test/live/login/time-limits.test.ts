import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMonotonicUs } from '../../../src/clock.ts';
import { renderUnlimited } from '../../../src/drivers/protocol/time-limits.ts';
import { Probes } from '../../../src/probes/probes.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { preflight } from '../../../src/targets/visit/preflight.ts';
import { runCli } from '../../support/cli/cli.ts';
import { labForSuite } from '../../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../../support/servers/pgbouncer.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function visit(url: string) {
  const [host] = (await resolveTarget({ text: url, env: {} }))?.hosts ?? [];
  if (host === undefined) throw new Error('no target');
  return preflight(host.target, host.addresses, { timeoutUs: 30_000_000 });
}

describe('a role whose sessions have little time', () => {
  const lab = labForSuite({ settings: { max_connections: 40 } });

  async function runAsSuperuser(...statements: string[]): Promise<void> {
    const { pathname } = new URL(lab().url);
    const client = new pg.Client(Object.assign(new URL(lab().superuserUrl), { pathname }).href);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  beforeAll(() =>
    // Looks at settings and sessions take longer than the role's limits, however fast the machine is.
    runAsSuperuser(
      'CREATE SCHEMA slow',
      'CREATE VIEW slow.pg_settings AS SELECT s.* FROM pg_catalog.pg_settings s, pg_catalog.pg_sleep(0.6)',
      'CREATE VIEW slow.pg_roles AS SELECT s.* FROM pg_catalog.pg_roles s, pg_catalog.pg_sleep(0.6)',
      'GRANT USAGE ON SCHEMA slow TO storm',
      'GRANT SELECT ON ALL TABLES IN SCHEMA slow TO storm',
      'ALTER ROLE storm SET search_path = slow, pg_catalog',
      'ALTER ROLE storm SET statement_timeout = 300',
      'ALTER ROLE storm SET lock_timeout = 300',
      'ALTER ROLE storm SET transaction_timeout = 400',
    ),
  );

  it('is told the slots of the server all the same', async () => {
    const { server } = await visit(lab().url);
    expect(server).toMatchObject({ slots: { max: 40, reserved: 3 }, pooler: false });
    expect(server.settings).toHaveProperty('log_connections');
    expect(server).not.toHaveProperty('unread');
  });

  it.skipIf(NO_PGBOUNCER !== '')(
    `is told settings through a pooler, whose backends keep their limits${NO_PGBOUNCER}`,
    () =>
      withPgBouncer(lab(), { poolMode: 'transaction', poolSize: 1 }, async (pooler) => {
        const { server } = await visit(pooler.url);
        expect(server).toMatchObject({ pooler: true, settings: { max_connections: '40' } });
        const client = new pg.Client(pooler.url);
        await client.connect();
        const { rows } = await client.query('SHOW statement_timeout');
        await client.end();
        expect(rows).toEqual([{ statement_timeout: '300ms' }]);
      }),
  );

  it('keeps the views of the server alive, whose connection idles longer than it may', async () => {
    await runAsSuperuser("ALTER ROLE storm SET idle_session_timeout = '700ms'");
    const load = ['--rate', '5', '--duration', '2s', '--set', 'probes=true'];
    const args = ['run', 'steady', '--target', lab().url, ...load, '--out', 'run.ndjson'];
    const sinceUs = readMonotonicUs();
    const { stderr, stdout, code } = await runCli(args, folder);
    expect(readMonotonicUs() - sinceUs).toBeGreaterThan(2_000_000);
    expect(stderr).toContain('at most 27 attempts in flight: 37 free slots');
    expect(`${stdout}${stderr}`).not.toContain('canary died');
    expect([0, 111]).toContain(code);
    const { stdout: json } = await runCli(['report', 'run.ndjson', '--json'], folder);
    expect(JSON.parse(json)).toMatchObject({ stoppedBy: 'end' });
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).not.toContain('"state":"lost"');
  });

  it('keeps the canary alive, which idles longer than it may', async () => {
    await runAsSuperuser("ALTER ROLE storm SET idle_session_timeout = '50ms'");
    const [host] = (await resolveTarget({ text: lab().url, env: {} }))?.hosts ?? [];
    if (host === undefined) throw new Error('no target');
    const options = renderUnlimited(lab().version);
    const probes = await Probes.start({
      endpoint: host.target,
      isEncrypted: false,
      timeoutUs: 30_000_000,
      watch: { canaryUs: 30_000_000, witnessUs: 30_000_000, endsStep: false },
      isFullExpected: false,
      sampled: undefined,
      ...(options === undefined ? {} : { unlimited: { options } }),
    });
    let answered = 0;
    probes.listen({
      t0Us: readMonotonicUs(),
      told: () => {},
      seen: ({ canary }) => {
        answered += canary.answered;
      },
      alarmed: () => {},
      slowed: () => {},
      cameBack: () => {},
    });
    await vi.waitFor(() => expect(answered).toBeGreaterThan(9), 60_000);
    expect(probes.alarm.aborted).toBe(false);
    await probes.stop();
  });
});
