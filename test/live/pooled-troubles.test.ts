import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Pooler, startPgBouncer } from '../../src/lab/pgbouncer/pgbouncer.ts';
import { findServerAccount } from '../../src/lab/process/server-account.ts';
import { renderReport } from '../../src/report/terminal.ts';
import { constantRate, observe, runStorm, runVariants } from '../support/run-storm.ts';
import { withLab } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

/** Where direct and pooled cannot be compared, and where one of them goes. */

const BOTH = { direct: { target: 'direct' }, pooled: { target: 'pooled' } };

it('two servers that ask for other logins get no verdict, and that is warned of before', async () => {
  await withLab({ auth: 'scram-sha-256' }, async (one) => {
    await withLab({ auth: 'trust' }, async (other) => {
      const { summary, notes } = await runVariants([`direct=${one.url}`, `pooled=${other.url}`], {
        load: constantRate(10, '200ms'),
        connection: { queries: 1 },
        warmUp: '100ms',
        repeat: 1,
        variants: BOTH,
      });
      const mismatches = [
        'auth method differs: direct scram-sha-256, pooled trust (if you intend this, use compare.across=[auth])',
        'direct and pooled reach different Postgres servers (if you intend this, use compare.across=[server])',
      ];
      for (const mismatch of mismatches) {
        expect(notes).toContain(`warning: no verdict on pooled: ${mismatch}`);
      }
      const comparison = summary.comparison.find(({ primary }) => primary);
      expect(comparison?.verdict).toBe('descriptive');
      expect(comparison?.reasons).toEqual(expect.arrayContaining(mismatches));
    });
  });
});

describe.skipIf(NO_PGBOUNCER !== '')(`a PgBouncer${NO_PGBOUNCER}`, () => {
  it('that is restarted in the midst has attempts fail, and none hangs', async () => {
    await withLab({ auth: 'trust' }, async (lab) => {
      const first = await lab.startPooler({});
      const request = {
        folder: lab.folder,
        account: findServerAccount(),
        serverUrl: lab.url,
        auth: 'trust',
        secret: '',
      } as const;
      let restarting: Promise<Pooler> | undefined;
      const restart = async (): Promise<Pooler> => {
        await first.stop();
        // Long enough for some to find nobody.
        await delay(300);
        return startPgBouncer(request, {}, () => first.port);
      };
      const interval = (): void => {
        restarting ??= restart();
      };
      const storm = { load: constantRate(40, '4s'), connection: { queries: 1 } };
      const { summary } = await runStorm(first.url, storm, {
        observer: observe([], { interval }),
      });
      await (await restarting)?.stop();
      const { accounting, connections, errors, stoppedBy } = summary;
      expect(stoppedBy).toBe('end');
      expect(accounting).toMatchObject({ due: 160, cancelled: 0, inFlight: 0 });
      expect(accounting.failed).toBeGreaterThan(0);
      expect(accounting.ok).toBeGreaterThan(80);
      expect(connections.open).toBe(0);
      for (const { layer } of errors) expect(['network', 'server']).toContain(layer);
    });
  });

  it('whose server is stopped still has clients ready, answers none of them, and the table says so', async () => {
    await withLab({ auth: 'trust' }, async (lab) => {
      await withPgBouncer(lab, {}, async ({ url }) => {
        const started: string[] = [];
        const legStarted = ({ variant }: { variant: string }): void => {
          started.push(variant);
          if (started.length === 6) process.kill(lab.pid, 'SIGINT');
        };
        const { summary, header } = await runVariants(
          [`direct=${lab.url}`, `pooled=${url}`],
          {
            load: constantRate(20, '1s'),
            connection: { queries: 1, timeout: '1s' },
            repeat: 3,
            variants: BOTH,
          },
          { observer: observe([], { legStarted }) },
        );
        expect(started.at(-1)).toBe('pooled');
        const { accounting, connections, metrics } = summary.variants.pooled ?? {};
        const failed = connections?.queryFailed ?? 0;
        expect(accounting?.ok).toBeGreaterThan(40);
        expect(failed).toBeGreaterThan(10);
        expect(metrics?.firstQuery?.count).toBe((accounting?.ok ?? 0) - failed);
        const report = renderReport(
          { summary, header },
          { columns: 80, colour: false, resultPath: null },
        );
        expect(report).toContain(`${failed} failed in a query`);
        const share = (row: string): number =>
          Number(new RegExp(`^${row} .*\\n +pooled +(\\d+)%`, 'm').exec(report)?.[1]);
        expect(share('first query p99')).toBeLessThan(share('latency p99'));
      });
    });
  });
});
