import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Histogram } from '../src/metrics/histogram.ts';
import type { IntervalRecord, Metric, MetricSummary } from '../src/result/records.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
  waitForCounters,
} from './support/known-server.ts';
import { constantRate, runStorm, type Storm } from './support/run-storm.ts';

/**
 * What is measured, against servers whose behaviour is known. The bands are as wide as a loaded machine of two cores
 * needs; where a stall of the machine itself could break one, the median is compared.
 */

let server: KnownServer;
const start = async (behaviour: Behaviour = {}): Promise<string> => {
  // The preflight's two connections are neither refused nor delayed into failing.
  server = await startKnownServer({ spareFirst: 2, ...behaviour });
  return server.url;
};
afterEach(() => server.stop());

describe('a server that is slow by a known amount', () => {
  it('that answers the StartupMessage 20 ms later: all of it in ready', async () => {
    const url = await start({ startupDelayMs: 20 });
    const { summary } = await runStorm(`${url}?sslmode=disable`, { load: constantRate(40, '5s') });
    const { latency, ready, tcp, spawn } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 200, ok: 200, failed: 0, dropped: 0 });
    expect(latency?.count).toBe(200);
    expect(ready?.count).toBe(200);
    expectWithin(latency?.p50Us, 20_000, 24_000);
    expectWithin(ready?.p50Us, 19_900, 24_000);
    expectWithin(tcp?.p50Us, 0, 2_000);
    expect(spawn).toBeUndefined();
    expect(summary.boundaries).toEqual({ absent: 200 });
  });

  it('that replies to SSLRequest 20 ms later: all of it in spawn', async () => {
    const url = await start({ sslReplyDelayMs: 20 });
    const { summary } = await runStorm(url, { load: constantRate(40, '5s') });
    const { latency, spawn, ready } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 200, ok: 200 });
    expectWithin(latency?.p50Us, 20_000, 24_000);
    expect(spawn?.count).toBe(200);
    expectWithin(spawn?.p50Us, 19_900, 24_000);
    expectWithin(ready?.p50Us, 0, 3_000);
    expect(summary.boundaries).toEqual({ sslrequest: 200 });
  });

  it('that stops for 1 s in the middle of 10 s at 100/s: nothing is lost, and the wait is not left out', async () => {
    const url = await start();
    const storm = runStorm(url, { load: constantRate(100, '10s') });
    await waitForCounters(server, ({ logins }) => logins >= 350);
    const stalledMs = await server.stallFor(1_000);
    const { summary, records } = await storm;
    expect(summary.accounting).toMatchObject({
      due: 1_000,
      ok: 1_000,
      dropped: 0,
      failed: 0,
      inFlight: 0,
    });
    // Arrivals during the stall wait for what is left of it: between 0 and 1 s, evenly.
    const { latency } = metricsOf({ summary });
    expectWithin(latency?.p99Us, 850_000 * (stalledMs / 1_000), 1_050_000 * (stalledMs / 1_000));
    const above = countAbove(
      records.filter((record) => record.type === 'interval'),
      'latency',
      500_000,
    );
    // Those of its first half, and those that came while a busy machine still caught up.
    expectWithin(above, 45, 65 + Math.ceil((stalledMs - 1_000) / 10));
  });
});

describe('the schedule', () => {
  it.each([1, 2, 3])(
    '10 s at 97/s on %i workers are exactly 970 arrivals at the same moments',
    async (workers) => {
      const url = await start();
      const { summary, header } = await runStorm(url, { load: constantRate(97, '10s'), workers });
      expect(header.plan.workers).toBe(workers);
      expect(header.plan.arrivalCount).toBe(970);
      expect(summary.accounting).toMatchObject({ due: 970, begun: 970, started: 970, ok: 970 });
      const { accepted } = await server.counters();
      expect(accepted).toBe(970 + 2);
      expect(summary.rates.offeredPerSecond).toBeCloseTo(97, 6);
    },
  );
});

describe('failures', () => {
  it('53300 to every third connect is counted exactly, and the others are told apart', async () => {
    // Slow enough that a late start of ours, on a busy machine, does not make the run invalid.
    const url = await start({ refuseEvery: 3, readyDelayMs: 300 });
    const { summary } = await runStorm(url, { load: constantRate(100, '3s') });
    expect(summary.accounting).toMatchObject({ due: 300, ok: 200, failed: 100 });
    expect(summary.errors).toHaveLength(1);
    expect(summary.errors[0]).toMatchObject({
      layer: 'server',
      code: '53300',
      count: 100,
      ledger: 'attempt',
    });
    const { latency, failedLatency } = metricsOf({ summary });
    expect(latency?.count).toBe(200);
    expect(latency?.censored).toBe(0);
    expect(failedLatency?.count).toBe(100);
    expect(summary.exitCode).toBe(0);
  });

  it('a server that stops answering: timeouts are counted, and percentiles are lower bounds', async () => {
    const url = await start({ fault: { at: 'sslrequest', how: 'silence' } });
    const { summary } = await runStorm(url, {
      load: constantRate(50, '1s'),
      connection: { timeout: '300ms' },
    });
    expect(summary.accounting).toMatchObject({ due: 50, ok: 0, failed: 50 });
    expect(summary.errors[0]).toMatchObject({
      layer: 'timeout',
      phase: 'spawn',
      code: 'TIMEOUT',
      count: 50,
    });
    const { latency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 0, censored: 50 });
    expect(latency?.atLeast).toEqual(expect.arrayContaining(['p50Us', 'p99Us']));
    expectWithin(latency?.p50Us, 299_000, 600_000);
    expect(summary.validity.valid).toBe(false);
    expect(summary.exitCode).toBe(111);
  });

  it('one timeout in ten makes p99 a lower bound and leaves p50 alone', async () => {
    const url = await start({ fault: { at: 'sslrequest', how: 'silence', every: 10 } });
    const { summary } = await runStorm(url, {
      load: constantRate(100, '1s'),
      connection: { timeout: '300ms' },
    });
    const { latency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 90, censored: 10 });
    expect(latency?.atLeast).toEqual(expect.arrayContaining(['p95Us', 'p99Us']));
    expect(latency?.atLeast).not.toContain('p50Us');
    expectWithin(latency?.p50Us, 0, 100_000);
    expectWithin(latency?.p99Us, 299_000, 1_000_000);
  });

  it('FATAL without closing ends the attempt at once', async () => {
    const url = await start({ refuseEvery: 1, refusal: { keepOpen: true } });
    const { summary } = await runStorm(url, { load: constantRate(50, '1s') });
    expect(summary.accounting).toMatchObject({ failed: 50, ok: 0 });
    expectWithin(metricsOf({ summary }).failedLatency?.p50Us, 0, 100_000);
  });

  it('with half the connects refused a run without budgets still tells', async () => {
    const url = await start({ refuseEvery: 2, readyDelayMs: 300 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s') });
    expect(summary.accounting).toMatchObject({ ok: 50, failed: 50 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 50, censored: 0 });
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    expect(summary.exitCode).toBe(0);
  });

  it('a cap on attempts in flight drops what is beyond it, and says how many', async () => {
    const url = await start({ sslReplyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s', { maxInFlight: 10 }) });
    expect(summary.accounting).toMatchObject({ due: 100, dropped: 90, begun: 10, ok: 10 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 10, censored: 90 });
  });
});

describe('first query', () => {
  it('its delay is in query and first query, and in nothing before', async () => {
    const url = await start({ queryDelayMs: 30 });
    const { summary } = await runStorm(url, {
      load: constantRate(40, '2s'),
      connection: { queries: 1 },
    });
    const { latency, firstQuery, query } = metricsOf({ summary });
    expect(firstQuery?.count).toBe(80);
    expectWithin(query?.p50Us, 29_900, 34_000);
    expectWithin(firstQuery?.p50Us, 30_000, 36_000);
    expectWithin(latency?.p50Us, 0, 5_000);
    expect(summary.connections).toMatchObject({ opened: 80, closed: 80, queryFailed: 0, open: 0 });
  });

  it('failing queries are in the ledger of connections alone', async () => {
    const url = await start({ fault: { at: 'query', how: 'query-error', every: 4 } });
    const { summary } = await runStorm(url, {
      load: constantRate(40, '1s'),
      connection: { queries: 1 },
    });
    expect(summary.accounting).toMatchObject({ ok: 40, failed: 0 });
    expect(summary.connections).toMatchObject({ opened: 40, closed: 30, queryFailed: 10 });
    expect(summary.errors[0]).toMatchObject({ ledger: 'connection', phase: 'query', count: 10 });
  });
});

describe('stopping', () => {
  it('at a signal ends the arrivals, lets what is under way end, and keeps the result', async () => {
    const url = await start({ sslReplyDelayMs: 300 });
    const stop = new AbortController();
    const storm = runStorm(url, { load: constantRate(50, '60s') }, { stop: stop.signal });
    await waitForCounters(server, ({ accepted }) => accepted >= 52);
    stop.abort();
    const { summary, reasons } = await storm;
    expect(summary).toMatchObject({ stoppedBy: 'signal', exitCode: 105 });
    expect(reasons).toContain('interrupted');
    expect(summary.accounting.ok).toBe(summary.accounting.due);
    expect(summary.accounting.inFlight).toBe(0);
    await waitForCounters(server, ({ open }) => open === 0);
  });

  it('at a second signal ends everything at once, as cancelled', async () => {
    const url = await start({ fault: { at: 'sslrequest', how: 'silence' } });
    const stop = new AbortController();
    const cancel = new AbortController();
    const storm = runStorm(
      url,
      { load: constantRate(50, '60s'), connection: { timeout: '20s' } },
      { stop: stop.signal, cancel: cancel.signal },
    );
    await waitForCounters(server, ({ accepted }) => accepted >= 20);
    stop.abort();
    await delay(50);
    cancel.abort();
    const { summary } = await storm;
    expect(summary.accounting.cancelled).toBe(summary.accounting.started);
    expect(summary.accounting.cancelled).toBeGreaterThan(10);
    expect(summary.exitCode).toBe(105);
  });

  it('after gracefulStop cancels what has not ended', async () => {
    const url = await start({ fault: { at: 'sslrequest', how: 'silence' } });
    const { summary } = await runStorm(url, {
      load: constantRate(20, '500ms', { gracefulStop: '200ms' }),
    });
    expect(summary.accounting).toMatchObject({ due: 10, cancelled: 10, failed: 0 });
    expect(summary.stoppedBy).toBe('end');
  });

  it('closes connections that are held until the end', async () => {
    const url = await start();
    const { summary } = await runStorm(url, {
      load: constantRate(50, '1s'),
      connection: { hold: 'end' },
    });
    expect(summary.connections).toMatchObject({ opened: 50, closed: 50, open: 0 });
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters.maxOpen).toBeGreaterThanOrEqual(50);
    expect(counters.terminates).toBe(50 + 2);
  });
});

function metricsOf({ summary }: Pick<Storm, 'summary'>): Partial<Record<Metric, MetricSummary>> {
  return summary.metrics;
}

function expectWithin(value: number | null | undefined, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

/** Values above a bound, counted in the histograms of all intervals. */
function countAbove(intervals: IntervalRecord[], metric: Metric, boundUs: number): number {
  const whole = new Histogram();
  for (const { steps } of intervals) {
    for (const { histograms } of steps) {
      const encoded = histograms[metric];
      if (encoded !== undefined) whole.add(Histogram.decode(encoded));
    }
  }
  let above = 0;
  for (let rank = 1; rank <= whole.count; rank++) {
    if ((whole.quantile(rank / whole.count) ?? 0) > boundUs) above++;
  }
  return above;
}
