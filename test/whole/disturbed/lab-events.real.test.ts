import { readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkAccounting } from '../../../src/model/accounting.ts';
import type { EventSummary } from '../../../src/result/records/events.ts';
import type { IntervalRecord } from '../../../src/result/records/intervals.ts';
import type { RecoverySummary } from '../../../src/result/records/recovery.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import { drawBackoffUs } from '../../../src/scenario/plan/retry.ts';
import { constantRate, observe, runStorm, type Storm } from '../../support/run-storm.ts';

/**
 * What events do to a real Postgres, against what is known of them: how long a stall was, what the server's own log says,
 * what the seed promises. How fast the machine is widens the bounds only by what a connect took before the event.
 */

const SECOND_US = 1_000_000;

type Seen = Extract<RecoverySummary['outage'], { kind: 'seen' }>;

function readDisturbance({ summary }: Storm): {
  event: EventSummary;
  recovery: RecoverySummary;
  /** Time by which an outage may differ from what caused it, beside the 0.1 s or 0.2 s of the machine. */
  slackUs: number;
  outage: Seen;
} {
  const [event] = summary.events ?? [];
  const [recovery] = summary.recovery ?? [];
  if (event === undefined || recovery === undefined) throw new Error('nothing was disturbed');
  const { outage, recovered } = recovery;
  if (outage.kind !== 'seen') throw new Error(`no outage was seen: ${JSON.stringify(outage)}`);
  if (!('beforeP90Us' in recovered)) throw new Error(JSON.stringify(recovered));
  return { event, recovery, outage, slackUs: 2 * outage.resolutionUs + recovered.beforeP90Us };
}

function expectLaws({ accounting, connections, sessions }: SummaryRecord): void {
  const options = { complete: true, sessions: sessions !== undefined };
  expect(checkAccounting(accounting, connections, options)).toEqual([]);
}

it('a stall of 2 s is an outage of 2 s, and latency has a tail that shows it', async () => {
  const storm = await runStorm(undefined, {
    load: constantRate(25, '14s'),
    connection: { timeout: '30s' },
    events: [{ at: '6s', do: 'stall', duration: '2s' }],
  });
  const { event, outage, slackUs } = readDisturbance(storm);
  const stalledUs = (event.toUs ?? 0) - event.fromUs;
  expect(stalledUs).toBeGreaterThanOrEqual(2 * SECOND_US);
  expect(Math.abs(outage.us - stalledUs)).toBeLessThanOrEqual(200_000 + slackUs);
  const { latency } = storm.summary.metrics;
  // 50 of 350 clients came while it lasted, evenly. The 35 slowest of all came in its first 1.4 s.
  expect(latency?.p90Us).toBeGreaterThan(0.5 * SECOND_US);
  expect(latency?.maxUs).toBeGreaterThan(1.9 * SECOND_US);
  expect(storm.summary.accounting).toMatchObject({ due: 350, ok: 350 });
});

it.each(['fast', 'immediate'])(
  "a %s restart's outage and moments agree with the server's own log",
  async (mode) => {
    let reading: Promise<string> | undefined;
    const observer = observe([], {
      event: ({ state, detail = '' }) => {
        const pid = /process (\d+)/.exec(detail)?.[1];
        if (state === 'done' && pid !== undefined) reading = readLog(pid);
      },
    });
    const storm = await runStorm(
      undefined,
      {
        load: constantRate(25, '14s'),
        events: [{ at: '6s', do: 'restart', mode }],
        lab: { postgres: { settings: { log_line_prefix: '%n ' } } },
      },
      { observer },
    );
    const log = (await reading) ?? '';
    const beganS = findMoment(log, `received ${mode} shutdown request`);
    const endedS = findMoment(log, 'database system is shut down');
    const readyS = findMoment(log, 'database system is ready to accept connections');
    const [event] = storm.summary.events ?? [];
    const [recovery] = storm.summary.recovery ?? [];
    if (event === undefined || recovery === undefined) throw new Error('nothing was disturbed');
    const { outage, recovered } = recovery;
    if (outage.kind === 'not-measurable') throw new Error(outage.reason);
    const beforeUs = 'beforeP90Us' in recovered ? recovered.beforeP90Us : 0;
    const slackUs = 2 * outage.resolutionUs + beforeUs;
    const { fromUs, stoppedUs = 0, toUs = 0 } = event;
    const near = (us: number, seconds: number): void => {
      expect(Math.abs(us - seconds * SECOND_US)).toBeLessThanOrEqual(100_000 + slackUs);
    };
    near(stoppedUs - fromUs, endedS - beganS);
    near(toUs - fromUs, readyS - beganS);
    near(recovery.servedAfterUs ?? 0, readyS - beganS);
    // On a busy machine clients may wait even longer for each other afterwards. Then that is the longest gap.
    const shortestUs = (readyS - beganS) * SECOND_US - 100_000 - slackUs;
    const longestUs = outage.kind === 'seen' ? outage.us : outage.longestUs;
    expect(longestUs).toBeGreaterThanOrEqual(shortestUs);
    if (outage.kind !== 'seen' || outage.fromUs > stoppedUs || outage.toUs <= stoppedUs) return;
    near(outage.us, readyS - beganS);
    expect(recovery.servedAfterUs).toBe(outage.toUs - fromUs);
  },
);

/** Reads the log beside the data folder, in which a postmaster works. */
async function readLog(pid: string): Promise<string> {
  const dataFolder = await readlink(`/proc/${pid}/cwd`);
  return readFile(join(dirname(dataFolder), 'postgres.log'), 'utf8');
}

/** Returns the moment of the last line with this text, in seconds. */
function findMoment(log: string, text: string): number {
  const line = log.split('\n').findLast((it) => it.includes(text));
  if (line === undefined) throw new Error(`the log lacks "${text}":\n${log}`);
  return Number.parseFloat(line);
}

it('a reload that hurts nobody is no outage', async () => {
  const { summary } = await runStorm(undefined, {
    load: constantRate(5, '10s'),
    events: [{ at: '5s', do: 'reload' }],
  });
  expect(summary.accounting).toMatchObject({ due: 50, ok: 50 });
  expect(summary.recovery).toMatchObject([
    { outage: { kind: 'none-seen' }, allBack: { kind: 'none-cut' }, errors: [] },
  ]);
});

describe('drop-all of 100 sessions with full jitter', () => {
  it('has exactly the waits that the seed promises', async () => {
    const retry = { policy: 'full-jitter', base: '100ms', timeout: '60s' };
    const storm = await runStorm(undefined, {
      load: { executor: 'burst', clients: 100, window: '2s', duration: '8s' },
      connection: { hold: 'end' },
      retry,
      seed: 42,
      workers: 2,
      events: [{ at: '4s', do: 'drop-all' }],
      lab: { postgres: { settings: { max_connections: 250 } } },
    });
    const { summary, records } = storm;
    expectLaws(summary);
    expect(summary.connections.cut).toBe(100);
    // No attempt failed, so each session waited once at most: after its cut.
    expect(summary.accounting).toMatchObject({ started: 200, ok: 200 });
    const plan = { policy: 'full-jitter', baseUs: 100_000, capUs: 10_000_000, seed: 42 } as const;
    const promised = Array.from({ length: 100 }, (_, index) =>
      drawBackoffUs(plan, (index + Math.imul(1, 0x5851f42d)) >>> 0, 1),
    );
    const intervals = records.filter((it): it is IntervalRecord => it.type === 'interval');
    // A session counts from its cut, its attempt from the end of the wait: the waits are what lies between.
    const waitedUs = sumOf(intervals, 'sessionLatency') - sumOf(intervals, 'latency');
    expect(waitedUs).toBe(promised.reduce((sum, us) => sum + us, 0));
    const [storms] = [intervals.flatMap(({ reconnects = [] }) => reconnects)];
    const firstCutUs = Math.min(...storms.map((it) => it.firstCutUs));
    const lastCutUs = Math.max(...storms.map((it) => it.lastCutUs));
    const again = intervals
      .flatMap(({ slowest }) => slowest)
      .filter(({ scheduledUs }) => scheduledUs >= firstCutUs);
    expect(again.length).toBeGreaterThan(0);
    for (const { index, scheduledUs } of again) {
      const cutUs = scheduledUs - (promised[index] ?? 0);
      expect(cutUs).toBeGreaterThanOrEqual(firstCutUs);
      expect(cutUs).toBeLessThanOrEqual(lastCutUs);
    }
  });
});

function sumOf(intervals: readonly IntervalRecord[], metric: 'latency' | 'sessionLatency'): number {
  const parts = intervals.flatMap(({ steps }) => steps);
  return parts.reduce((sum, { histograms }) => sum + (histograms[metric]?.sumUs ?? 0), 0);
}

it('the kill switch acts again once the time that an event allows is over', async () => {
  const { summary, records } = await runStorm(undefined, {
    load: constantRate(5, '40s'),
    killSwitch: true,
    events: [
      { at: '1s', do: 'restart', allow: '5s' },
      { at: '10s', do: 'stop', mode: 'immediate', allow: '3s' },
    ],
  });
  expect(summary.stoppedBy).toBe('condition');
  expect(summary.reason).toMatch(/^kill switch: /);
  const kills = records.filter((it) => it.type === 'decision' && it.decision === 'kill');
  expect(kills).toHaveLength(1);
  const [restart, stop] = summary.events ?? [];
  expect([restart?.state, stop?.state]).toEqual(['done', 'done']);
  // The restart cut the canary off, within its time. Between the two the kill switch looked on, and saw nothing wrong.
  const killedUs = kills[0]?.type === 'decision' ? kills[0].atUs : 0;
  expect(killedUs).toBeGreaterThanOrEqual(stop?.allowUntilUs ?? Infinity);
  const between = records.flatMap((it) =>
    it.type === 'watch' && it.atUs > (restart?.allowUntilUs ?? 0) && it.atUs < (stop?.fromUs ?? 0)
      ? [it]
      : [],
  );
  expect(between.reduce((sum, { canary }) => sum + canary.answered, 0)).toBeGreaterThan(0);
});

it('held connections that a restart cuts come back, and say how long they were away', async () => {
  const { summary } = await runStorm(undefined, {
    load: constantRate(5, '14s'),
    background: { idle: { activity: 'held', connections: 20 } },
    events: [{ at: '2s', do: 'restart', mode: 'fast' }],
  });
  const [event] = summary.events ?? [];
  const [idle] = summary.background ?? [];
  expect(idle?.kept).toMatchObject({ wanted: 20, lost: 20, back: 20 });
  // Nobody was there to log in at between the stop and the start.
  const noServerUs = (event?.toUs ?? 0) - (event?.stoppedUs ?? 0);
  expect(noServerUs).toBeGreaterThan(0);
  expect(idle?.kept?.longestAwayUs).toBeGreaterThanOrEqual(noServerUs - 50_000);
  expect(idle?.kept?.awayUs).toBeGreaterThanOrEqual(20 * (noServerUs - 50_000));
  expect(idle?.errors.every(({ count }) => count > 0)).toBe(true);
});
