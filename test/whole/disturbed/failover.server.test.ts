import { describe, expect, it } from 'vitest';
import { findFormerPrimaries } from '../../../src/analysis/figures/hosts.ts';
import { checkAccounting } from '../../../src/model/accounting.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import { runStorm, type Storm } from '../../support/run-storm.ts';

/** The lab's standby is promoted while clients that know both servers hold their connections, and more come. */

const CLIENTS = 20;

function storm(lostPrimary: boolean): Promise<Storm> {
  return runStorm(undefined, {
    target: 'primary',
    load: {
      held: {
        executor: 'burst',
        clients: CLIENTS,
        window: '500ms',
        duration: '7s',
        gracefulStop: '30s',
      },
      late: {
        executor: 'constant-arrival-rate',
        rate: 10,
        startTime: '4s',
        duration: '2s',
        gracefulStop: '30s',
      },
    },
    connection: { hosts: 'each-attempt', hold: 'end', timeout: '20s' },
    retry: { policy: 'fixed', base: '100ms', timeout: '60s', maxAttempts: 100 },
    lab: { replicas: 1 },
    events: [{ at: '2s', do: 'promote', lostPrimary }],
  });
}

function expectWhole({ summary }: Storm): void {
  const { accounting, connections, sessions } = summary;
  expect(checkAccounting(accounting, connections, { complete: true, sessions: true })).toEqual([]);
  expect(summary.events).toMatchObject([{ kind: 'promote', state: 'done' }]);
  expect(summary.stoppedBy).toBe('end');
  expect(sessions).toMatchObject({ gaveUp: 0, cancelled: 0, lost: 0, waiting: 0 });
  expect(sessions?.connected).toBe(accounting.ok);
}

const report = ({ summary, header }: Storm): string =>
  renderReport({ summary, header }, { columns: 200, colour: false, resultPath: null });

describe('clients that want the primary, while the standby is promoted', () => {
  it('are each counted once, and all are at the new primary, if the old one is lost', async () => {
    const told = await storm(true);
    expectWhole(told);
    const { sessions, connections, hosts, recovery } = told.summary;
    expect(sessions).toMatchObject({ begun: 2 * CLIENTS + 20, reconnects: CLIENTS });
    expect(connections).toMatchObject({ opened: 2 * CLIENTS + 20, cut: CLIENTS });
    expect(hosts).toMatchObject([{ ok: CLIENTS }, { ok: CLIENTS + 20 }]);
    expect(recovery).toMatchObject([{ allBack: { kind: 'back', sessions: CLIENTS } }]);
    expect(report(told)).not.toContain('the former primary');
  });

  it('stay at the old one if it goes on, which the report tells', async () => {
    const told = await storm(false);
    expectWhole(told);
    const { sessions, connections, hosts = [], events = [] } = told.summary;
    expect(sessions).toMatchObject({ begun: CLIENTS + 20, reconnects: 0 });
    expect(connections).toMatchObject({ opened: CLIENTS + 20, cut: 0 });
    expect(hosts).toMatchObject([{ ok: CLIENTS + 20 }, { ok: 0, started: 0 }]);
    expect(findFormerPrimaries(told.header.target, hosts, events)).toHaveLength(1);
    expect(report(told)).toMatch(
      /127\.0\.0\.1:\d+, the former primary, still took connects after the promotion was done \(at /,
    );
  });
});
