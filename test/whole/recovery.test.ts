import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import type { HeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { RecoverySummary } from '../../src/result/records/recovery.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { drawBackoffUs } from '../../src/scenario/plan/retry.ts';
import { constantRate } from '../support/run-storm.ts';
import { runVirtually, type VirtualServer } from '../support/virtual/virtual-run.ts';
import { readyAfter, serveInTurn } from '../support/virtual/virtual-servers.ts';

/** Recovery figures in virtual time, against disturbances that are known. */

const SECOND_US = 1_000_000;

interface Happening {
  do?: string;
  fromS: number;
  toS: number;
}

/** Runs a load of `rate` in which the server does what `server` says and an event is recorded from and to a moment. */
async function runWith(
  { do: kind = 'reload', fromS, toS }: Happening,
  {
    rate = 200,
    server,
    more = {},
    duration = '15s',
  }: { rate?: number; server: VirtualServer; more?: Record<string, unknown>; duration?: string },
): Promise<{ summary: SummaryRecord; recovery: RecoverySummary }> {
  const run = await runVirtually(
    {
      load: constantRate(rate, duration),
      connection: { hold: '0s', timeout: '10s' },
      events: [{ at: `${fromS}s`, do: 'reload' }],
      ...more,
    },
    { servers: { direct: server } },
  );
  const summary = summariseWith(run, { kind, fromUs: fromS * SECOND_US, toUs: toS * SECOND_US });
  const [recovery, ...others] = summary.recovery ?? [];
  expect(others).toEqual([]);
  if (recovery === undefined) throw new Error('there are no recovery figures');
  return { summary, recovery };
}

/** Returns the summary of the records, with an event among them instead of those that a virtual run has. */
function summariseWith(
  { header, records }: { header: HeaderRecord; records: ResultRecord[] },
  { kind, fromUs, toUs }: { kind: string; fromUs: number; toUs: number },
): SummaryRecord {
  const fold = createSummary(header);
  const times = { index: 0, fromUs, allowUntilUs: fromUs + 60 * SECOND_US };
  const event = { type: 'event', kind, ...times };
  const told = [
    { ...event, state: 'begun' },
    { ...event, state: 'done', toUs },
  ] as ResultRecord[];
  let isTold = false;
  for (const record of records) {
    if (['event', 'summary'].includes(record.type)) continue;
    if (!isTold && record.type !== 'header') {
      isTold = true;
      for (const one of told) fold.add(one);
    }
    if (record.type !== 'header') fold.add(withoutCounts(record));
  }
  return fold.finish();
}

function withoutCounts(record: ResultRecord): ResultRecord {
  if (record.type !== 'end') return record;
  const { records: _, ...end } = record;
  return end;
}

/** Accepts nobody between two moments, and then serves those that wait, one every 2 ms. */
function stallBetween(fromS: number, toS: number): VirtualServer {
  let freeUs = 0;
  return ({ startUs }) => {
    const isStalled = startUs >= fromS * SECOND_US && startUs < toS * SECOND_US;
    freeUs = Math.max(freeUs, isStalled ? toS * SECOND_US : startUs) + 2_000;
    return { ready: freeUs - startUs };
  };
}

/** Refuses everybody between two moments. */
function refuseBetween(fromS: number, toS: number): VirtualServer {
  return ({ startUs }) =>
    startUs >= fromS * SECOND_US && startUs < toS * SECOND_US ? { failed: 500 } : { ready: 2_000 };
}

describe('a disturbance at a steady rate', () => {
  it('is an outage of 2 s if the server stalls for 2 s, and a tail of latency shows it', async () => {
    const { summary, recovery } = await runWith(
      { do: 'stall', fromS: 5, toS: 7 },
      { server: stallBetween(5, 7) },
    );
    const { outage, recovered } = recovery;
    if (outage.kind !== 'seen') throw new Error(`the outage is ${outage.kind}`);
    expect(outage.resolutionUs).toBe(5_000);
    expect(Math.abs(outage.us - 2 * SECOND_US)).toBeLessThanOrEqual(200_000 + 2 * 5_000);
    expect(outage.fromUs).toBeGreaterThan(4.9 * SECOND_US);
    // 400 of 3,000 arrivals wait, the first one for two seconds.
    expect(summary.metrics.latency?.maxUs).toBeGreaterThan(1.9 * SECOND_US);
    expect(summary.metrics.latency?.p90Us).toBeGreaterThan(0.2 * SECOND_US);
    // 400 wait at 7 s and are served at 500/s beside 200/s that come: the queue is empty at 8.33 s.
    expect(recovered).toMatchObject({ kind: 'recovered', afterUs: 4 * SECOND_US });
    expect(recovery.peakInFlight).toBeGreaterThan(300);
    expect(recovery.errors).toEqual([]);
    expect(recovery.allBack).toEqual({ kind: 'none-cut' });
  });

  it('is an outage of exactly 3 s if the server refuses for 3 s', async () => {
    const { recovery } = await runWith({ fromS: 5, toS: 8 }, { server: refuseBetween(5, 8) });
    const { outage, recovered, attempts, errors } = recovery;
    // From the last connect before, 4.995 s + 2 ms, to the first one after, 8 s + 2 ms.
    expect(outage).toMatchObject({ kind: 'seen', us: 3_005_000, resolutionUs: 5_000 });
    expect(recovered).toMatchObject({ kind: 'recovered', afterUs: 3 * SECOND_US });
    expect(errors).toMatchObject([{ code: '53300', count: 600 }]);
    expect(attempts).toMatchObject({ ended: 600, ok: 0, perSuccess: null });
  });

  it('is no outage if nobody is hurt', async () => {
    const { recovery } = await runWith({ fromS: 5, toS: 5 }, { server: readyAfter(2) });
    expect(recovery.outage).toEqual({
      kind: 'none-seen',
      longestUs: 5_000,
      thresholdUs: 15_000,
      resolutionUs: 5_000,
    });
    expect(recovery.recovered).toEqual({ kind: 'never-slow', beforeP90Us: 2_000 });
  });

  it('has not ended if the load ends first, and says how long it lasted at least', async () => {
    const { recovery } = await runWith({ fromS: 5, toS: 5 }, { server: refuseBetween(5, 99) });
    expect(recovery.outage).toMatchObject({ kind: 'seen', atLeast: true, toUs: 15 * SECOND_US });
    expect(recovery.recovered).toMatchObject({ kind: 'not-recovered', forUs: 10 * SECOND_US });
    expect(recovery.attempts.perSuccess).toBeNull();
  });

  it('has an outage and no recovery that could be measured at 10 arrivals a second', async () => {
    const { recovery } = await runWith(
      { fromS: 12, toS: 14 },
      { rate: 10, server: refuseBetween(12, 14), duration: '20s' },
    );
    expect(recovery.outage).toMatchObject({ kind: 'seen', us: 2_100_000, resolutionUs: 100_000 });
    expect(recovery.recovered).toEqual({
      kind: 'not-measurable',
      reason: 'it needs 20 arrivals a second, and there were 10',
    });
  });

  it.each([
    [
      { fromS: 0.5, toS: 0.5 },
      'it needs 100 arrivals in whole seconds before the first disturbance, and there were 0',
    ],
    [{ fromS: 13, toS: 13 }, 'the load ended less than 3 whole seconds later'],
  ])('has no recovery that could be measured from %j, and says why', async (happening, reason) => {
    const { recovery } = await runWith(happening, { server: readyAfter(2) });
    expect(recovery.recovered).toEqual({ kind: 'not-measurable', reason });
  });

  it('cannot tell forks for those that had left where the host is not seen', async () => {
    const { recovery } = await runWith({ fromS: 5, toS: 5 }, { server: readyAfter(2) });
    expect(recovery.wastedForks).toEqual({
      kind: 'not-measurable',
      reason: expect.stringContaining('accept queue'),
    });
  });
});

describe('sessions that the server cuts together, without an event', () => {
  const retry = { policy: 'full-jitter', base: '100ms', timeout: '5s' };

  it('wait exactly as long as their seed promises, and all are back', async () => {
    const run = await runVirtually(
      {
        load: { executor: 'burst', clients: 100, duration: '6s' },
        connection: { hold: 'end' },
        retry,
        seed: 42,
      },
      { observer: ({ time, drivers }) => cutAt(time, drivers, 3) },
    );
    const [recovery] = run.summary.recovery ?? [];
    if (recovery === undefined) throw new Error('there are no recovery figures');
    const { fromUs } = recovery;
    const again = run.attempts.filter(({ startUs }) => startUs > SECOND_US);
    const waits = again.map(({ startUs }) => startUs - fromUs).sort((a, b) => a - b);
    const plan = { policy: 'full-jitter', baseUs: 100_000, capUs: 10_000_000, seed: 42 } as const;
    const promised = Array.from({ length: 100 }, (_, index) =>
      drawBackoffUs(plan, (index + Math.imul(1, 0x5851f42d)) >>> 0, 1),
    ).sort((a, b) => a - b);
    expect(waits).toEqual(promised);
    expect(recovery.cause).toEqual({ kind: 'cut', sessions: 100 });
    // Each is ready 1 ms after its wait.
    expect(recovery.allBack).toEqual({
      kind: 'back',
      sessions: 100,
      afterUs: (promised.at(-1) ?? 0) + 1_000,
    });
    // The herd was connected at 1 ms, and nobody came in the three seconds before the cut.
    expect(recovery.outage.kind).toBe('not-measurable');
    expect(recovery.recovered.kind).toBe('not-measurable');
  });

  it('are told with the outage and the recovery of arrivals from before the cut', async () => {
    const run = await runVirtually(
      {
        load: constantRate(100, '12s'),
        connection: { hold: '2s' },
        retry,
      },
      { observer: ({ time, drivers }) => cutAt(time, drivers, 6) },
    );
    const [recovery, ...others] = run.summary.recovery ?? [];
    expect(others).toEqual([]);
    expect(recovery?.allBack).toMatchObject({ kind: 'back' });
    expect(recovery?.outage).toMatchObject({ kind: 'none-seen', resolutionUs: 10_000 });
    expect(recovery?.recovered).toMatchObject({ kind: 'never-slow' });
  });

  it('leave no trace in the file of a run in which none is cut', async () => {
    const { records, summary } = await runVirtually({
      load: constantRate(100, '3s'),
      connection: { hold: '0s' },
      retry,
    });
    expect(JSON.stringify(records)).not.toContain('"recovery"');
    expect(summary.recovery).toBeUndefined();
  });
});

it('a herd of 200 drains in 0.8 s at a server of 250/s', async () => {
  const { summary } = await runVirtually(
    { load: { executor: 'burst', clients: 200, duration: '3s' }, connection: { hold: '0s' } },
    { servers: { direct: serveInTurn(4) } },
  );
  const [step] = summary.steps;
  const takenUs = (step?.lastConnectedUs ?? 0) - (step?.fromUs ?? 0);
  expect(Math.abs(takenUs - 800_000)).toBeLessThanOrEqual(80_000);
});

/** Cuts every connection at a moment of virtual time. */
function cutAt(
  time: { at(atUs: number, act: () => void): void },
  drivers: readonly { cutAll(): void }[],
  atS: number,
): Record<string, never> {
  time.at(atS * SECOND_US, () => {
    for (const driver of drivers) driver.cutAll();
  });
  return {};
}
