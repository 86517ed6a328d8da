import { describe, expect, it } from 'vitest';
import { findFormerPrimaries, findTwoPrimaries } from '../../src/analysis/figures/hosts.ts';
import { zeroHost } from '../../src/model/accounting.ts';
import type { Failure } from '../../src/model/measures.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { EventSummary } from '../../src/result/records/events.ts';
import type { HostSummary } from '../../src/result/records/summary-records.ts';
import { constantRate } from '../support/run-storm.ts';
import { runVirtually } from '../support/virtual/virtual-run.ts';

const WRONG: Failure = { layer: 'server', phase: 'ready', code: 'SESSION_ATTRS', message: 'no' };

describe('the report of clients that choose their host', () => {
  it('shows what each host got, and from when to when two were primary', async () => {
    const { summary, header } = await runVirtually(
      { load: constantRate(100, '4s'), connection: { hosts: 'each-attempt' } },
      {
        servers: {
          direct: ({ place, index }, _, nowUs) => {
            const isPrimary = place.host === 1 || (nowUs > 2_000_000 && index % 2 === 0);
            return isPrimary ? { ready: 2_000 } : { failed: 1_000, failure: WRONG };
          },
        },
        hosts: { count: 2, parameters: '&target_session_attrs=primary' },
      },
    );
    const options = { columns: 120, colour: false, resultPath: null };
    const report = renderReport({ summary, header }, options);
    const [young, old] = summary.hosts ?? [];
    expect((young?.ok ?? 0) + (old?.ok ?? 0)).toBe(400);
    expect(report).toContain(
      '127.0.0.1:5001, 127.0.0.1:6001 in turn, primary chosen at each connect',
    );
    const row = ['127.0.0.1:6001', 'down', old?.started, old?.ok, 0, 0].join(' +');
    expect(report).toMatch(new RegExp(row));
    expect(report).toContain(
      'passed on: the attempt failed, and the client went on to its next host',
    );
    expect(report).toMatch(/two primaries at once: from [12]\.\d+ s to [34]\.\d+ s/);
    expect(report).toContain(`tries at the next host: ${summary.accounting.passedOn}`);
    expect(report).toContain('tries at earlier hosts');
  });
});

describe('two primaries at once', () => {
  const host = (number: number, firstOkUs?: number, lastOkUs?: number): HostSummary => ({
    ...zeroHost(number),
    name: `db${number}`,
    ...(firstOkUs === undefined ? {} : { firstOkUs }),
    ...(lastOkUs === undefined ? {} : { lastOkUs }),
  });

  it.each<[string, HostSummary[], string | undefined, number]>([
    ['hosts that follow each other', [host(0, 0, 10), host(1, 11, 20)], 'primary', 0],
    ['hosts that overlap', [host(0, 0, 15), host(1, 11, 20)], 'primary', 1],
    ['hosts that overlap, in the other order', [host(0, 11, 20), host(1, 0, 15)], 'read-write', 1],
    ['a host that served nobody', [host(0), host(1, 11, 20)], 'primary', 0],
    ['clients that take any server', [host(0, 0, 15), host(1, 11, 20)], undefined, 0],
  ])('are %s', (_, hosts, sessionAttrs, count) => {
    const target = sessionAttrs === undefined ? {} : { sessionAttrs };
    const found = findTwoPrimaries(target, hosts);
    expect(found).toHaveLength(count);
    if (count > 0) expect(found[0]).toMatchObject({ fromUs: 11, toUs: 15 });
  });
});

describe('a former primary that still takes connects', () => {
  const hosts: HostSummary[] = [
    { ...zeroHost(0), name: 'old', firstOkUs: 0, lastOkUs: 30 },
    { ...zeroHost(1), name: 'young', firstOkUs: 21, lastOkUs: 40 },
  ];
  const server = (serverRole: string) => ({ server: { serverRole } });
  const target = { hostTurns: { hosts: [server('primary'), server('standby')] } } as never;
  const promotion = (toUs: number, state = 'done') =>
    [{ kind: 'promote', state, toUs }] as unknown as EventSummary[];

  it('is told if a connect became ready there after the promotion was done', () => {
    expect(findFormerPrimaries(target, hosts, promotion(20))).toEqual([
      { host: hosts[0], promotedUs: 20, lastOkUs: 30 },
    ]);
  });

  it('is not told if there was none, or no promotion that was done', () => {
    expect(findFormerPrimaries(target, hosts, promotion(30))).toEqual([]);
    expect(findFormerPrimaries(target, hosts, promotion(20, 'failed'))).toEqual([]);
    expect(findFormerPrimaries(target, hosts, [])).toEqual([]);
  });
});
