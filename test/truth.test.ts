import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { Histogram } from '../src/metrics/histogram.ts';
import type { IntervalRecord, SlowAttempt } from '../src/result/intervals.ts';
import type { Metric } from '../src/result/measures.ts';
import type { MetricSummary } from '../src/result/summary-records.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  waitForCounters,
} from './support/known-server.ts';
import { constantRate, runStorm, type Storm } from './support/run-storm.ts';

/**
 * What is measured, against servers whose behaviour is known. A busy machine makes attempts slower and none faster:
 * the median is held from below, and from above the shortest, which was not held up. Several at a time run only tests
 * of counts, and of times known to a tenth of a second: the start of each storm costs the others some milliseconds.
 */

/** The preflight's two connections are neither refused nor delayed into failing. */
function start(
  onTestFinished: TestContext['onTestFinished'],
  behaviour: Behaviour = {},
): Promise<KnownServer> {
  return startDuring(onTestFinished, { spareFirst: 2, ...behaviour });
}

describe('a server that is slow by a known amount', () => {
  it('that answers the StartupMessage 20 ms later: all of it in ready', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { startupDelayMs: 20 });
    const { summary } = await runStorm(`${url}?sslmode=disable`, {
      load: constantRate(40, '1s'),
    });
    const { latency, ready, tcp, spawn } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40, failed: 0, dropped: 0 });
    expect(latency?.count).toBe(40);
    expect(ready?.count).toBe(40);
    expectDelay(latency, 20_000, 24_000);
    // On an idle machine within 24 ms, too: test/bench/delay.js.
    expectWithin(latency?.p50Us, 20_000, 40_000);
    expectDelay(ready, 19_900, 24_000);
    expectDelay(tcp, 0, 5_000);
    expect(spawn).toBeUndefined();
    expect(summary.boundaries).toEqual({ absent: 40 });
  });

  it('that replies to SSLRequest 20 ms later: all of it in spawn', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, { sslReplyDelayMs: 20 });
    const { summary } = await runStorm(url, { load: constantRate(40, '1s') });
    const { latency, spawn, ready } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expectDelay(latency, 20_000, 24_000);
    // On an idle machine within 24 ms, too: test/bench/delay.js.
    expectWithin(latency?.p50Us, 20_000, 40_000);
    expect(spawn?.count).toBe(40);
    expectDelay(spawn, 19_900, 24_000);
    expectDelay(ready, 0, 10_000);
    expect(summary.boundaries).toEqual({ sslrequest: 40 });
  });

  it('that waits 20 ms and then counts 5 ms: 15 ms of queue wait, by its notice and by the age of its backends', async ({
    onTestFinished,
  }) => {
    const times = { totalMs: 5, forkMs: 1.25, authMs: 0.5, ageMs: 5 };
    const { url } = await start(onTestFinished, { sslReplyDelayMs: 20, serverTimes: times });
    const { summary, notes, header } = await runStorm(url, { load: constantRate(40, '2s') });
    expectCountsAgree(summary);
    const { spawn, serverSetup, serverFork, serverAuth, queueWait, queueWaitEstimate } = metricsOf({
      summary,
    });
    expect(summary.accounting).toMatchObject({ due: 80, ok: 80 });
    expect(serverSetup).toMatchObject({ count: 80, minUs: 5000, maxUs: 5000 });
    expect(serverFork).toMatchObject({ count: 80, minUs: 1250, maxUs: 1250 });
    expect(serverAuth).toMatchObject({ count: 80, minUs: 500, maxUs: 500 });
    expect(queueWait?.count).toBe(80);
    // Of the 20 ms the server calls 5 ms its own; the rest of the login takes below 4 ms.
    expectDelay(queueWait, 14_000, 20_000);
    // Both tell the same time here, the second after one more round trip.
    expect(queueWaitEstimate?.count).toBe(12);
    expectDelay(queueWaitEstimate, 14_000, 25_000);
    expectDelay(spawn, 19_900, 24_000);
    expect(header.serverTimes).toEqual({ notice: 'asked', sampleEvery: 7 });
    expect(notes.join()).not.toContain('its own times');
  });

  it('that does not let us ask: one line says so, and the sample tells the wait', async ({
    onTestFinished,
  }) => {
    const times = { totalMs: 5, forkMs: 1, authMs: 2, ageMs: 5, forbidden: true };
    const { url } = await start(onTestFinished, {
      sslReplyDelayMs: 20,
      serverTimes: times,
      spareFirst: 3,
    });
    const { summary, notes, header } = await runStorm(url, { load: constantRate(40, '1s') });
    expect(notes.filter((note) => note.includes('GRANT SET ON PARAMETER'))).toHaveLength(1);
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expect(summary.metrics).not.toHaveProperty('queueWait');
    expect(summary.metrics).not.toHaveProperty('serverSetup');
    expectDelay(summary.metrics.queueWaitEstimate, 14_000, 25_000);
    expect(header.serverTimes).toEqual({ notice: null, sampleEvery: 3 });
  });

  it('that could tell its times and is not asked: no options, no further queries, no line', async ({
    onTestFinished,
  }) => {
    const times = { totalMs: 5, forkMs: 1, authMs: 2, ageMs: 5 };
    const server = await start(onTestFinished, { serverTimes: times });
    const { url } = server;
    const storm = { load: constantRate(40, '500ms'), connection: { serverTimes: false } };
    const { summary, notes, header } = await runStorm(url, storm);
    expect(Object.keys(summary.metrics)).not.toContain('queueWait');
    expect(Object.keys(summary.metrics)).not.toContain('queueWaitEstimate');
    expect(header).not.toHaveProperty('serverTimes');
    expect(notes.join()).not.toContain('its own times');
    const { parameters, logins } = await server.counters();
    expect(parameters).not.toHaveProperty('options');
    // The preflight's two, and the storm's.
    expect(logins).toBe(22);
  });

  it('that answers the hello of TLS 40 ms later: all of it in tls', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, { sslReply: 'S', tlsDelayMs: 40 });
    const { summary } = await runStorm(`${url}?sslmode=require`, { load: constantRate(40, '1s') });
    const { latency, spawn, tls, ready } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expect(tls?.count).toBe(40);
    expectDelay(tls, 39_900, 50_000);
    expectDelay(latency, 40_000, 60_000);
    expectDelay(spawn, 0, 20_000);
    expectDelay(ready, 0, 20_000);
    expect(summary.boundaries).toEqual({ sslrequest: 40 });
  });

  it('that answers the hello of direct TLS 40 ms later: spawn ends with it, under its own boundary', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished, { tlsDelayMs: 40 });
    const { url } = server;
    const { summary } = await runStorm(`${url}?sslmode=require&sslnegotiation=direct`, {
      load: constantRate(40, '1s'),
    });
    const { latency, spawn, tls, ready } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expectDelay(spawn, 39_900, 60_000);
    expectDelay(latency, 40_000, 60_000);
    expect(tls?.count).toBe(40);
    expectDelay(tls, 0, 20_000);
    expectDelay(ready, 0, 20_000);
    expect(summary.boundaries).toEqual({ tls: 40 });
    expect(await server.counters()).toMatchObject({ sslRequests: 0, complaints: [] });
  });

  it('that stops for 1 s in the middle of 10 s at 100/s: nothing is lost, and the wait is not left out', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished);
    const { url } = server;
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
    const intervals = records.filter((record) => record.type === 'interval');
    // When it is over, a busy server still catches up, and what came during it waits that much longer.
    const catchUpMs = measureCatchUpMs(attemptsOf(intervals), stalledMs);
    // Arrivals during the stall wait for what is left of it: between 0 and 1 s, evenly.
    const { latency } = metricsOf({ summary });
    expectWithin(latency?.p99Us, 850 * stalledMs, 1_050 * stalledMs + 1_000 * catchUpMs);
    const above = countAbove(intervals, 'latency', 500_000);
    // Those of its first half.
    const expected = 50 + (stalledMs - 1_000) / 10;
    expectWithin(above, expected - 5, expected + 5 + catchUpMs / 10);
  });
});

describe.concurrent('failures', () => {
  it('53300 to every third connect is counted exactly, and the others are told apart', async ({
    onTestFinished,
  }) => {
    // Slow enough that a late start of ours, with others running or on a busy machine, does not make the run invalid.
    const { url } = await start(onTestFinished, { refuseEvery: 3, readyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1500ms') });
    expect(summary.accounting).toMatchObject({ due: 150, ok: 100, failed: 50 });
    expect(summary.errors).toHaveLength(1);
    expect(summary.errors[0]).toMatchObject({
      layer: 'server',
      code: '53300',
      count: 50,
      ledger: 'attempt',
    });
    const { latency, failedLatency } = metricsOf({ summary });
    expect(latency?.count).toBe(100);
    expect(latency?.censored).toBe(0);
    expect(failedLatency?.count).toBe(50);
    expect(summary.exitCode).toBe(0);
  });

  it('with half the connects refused a run without budgets still tells', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { refuseEvery: 2, readyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s') });
    expect(summary.accounting).toMatchObject({ ok: 50, failed: 50 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 50, censored: 0 });
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    expect(summary.exitCode).toBe(0);
  });

  it('a server that stops answering: timeouts are counted, and percentiles are lower bounds', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { fault: { at: 'sslrequest', how: 'silence' } });
    const { summary } = await runStorm(url, {
      load: constantRate(50, '1s'),
      connection: { timeout: '1s' },
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
    expectWithin(latency?.p50Us, 999_000, MUCH_LATER_US);
    expect(summary.validity.valid).toBe(false);
    expect(summary.exitCode).toBe(111);
  });

  it('one timeout in ten makes p99 a lower bound and leaves p50 alone', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence', every: 10 },
    });
    const { summary } = await runStorm(url, {
      load: constantRate(100, '1s'),
      connection: { timeout: '1s' },
    });
    const { latency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 90, censored: 10 });
    expect(latency?.atLeast).toEqual(expect.arrayContaining(['p95Us', 'p99Us']));
    expect(latency?.atLeast).not.toContain('p50Us');
    expectDelay(latency, 0, 100_000);
    expectWithin(latency?.p99Us, 999_000, MUCH_LATER_US);
  });

  it('FATAL without closing ends the attempt at once', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, { refuseEvery: 1, refusal: { keepOpen: true } });
    const { summary } = await runStorm(url, { load: constantRate(50, '1s') });
    expect(summary.accounting).toMatchObject({ failed: 50, ok: 0 });
    expectDelay(metricsOf({ summary }).failedLatency, 0, 100_000);
  });

  it('a cap on attempts in flight drops what is beyond it, and says how many', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { sslReplyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s', { maxInFlight: 10 }) });
    expect(summary.accounting).toMatchObject({ due: 100, dropped: 90, begun: 10, ok: 10 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 10, censored: 90 });
  });
});

describe('first query', () => {
  it('its delay is in query and first query, and in nothing before', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, { queryDelayMs: 30 });
    const { summary } = await runStorm(url, {
      load: constantRate(40, '1s'),
      connection: { queries: 1 },
    });
    const { latency, firstQuery, query } = metricsOf({ summary });
    expect(firstQuery?.count).toBe(40);
    expectDelay(query, 29_900, 40_000);
    expectDelay(firstQuery, 30_000, 50_000);
    expectDelay(latency, 0, 15_000);
    expect(summary.connections).toMatchObject({ opened: 40, closed: 40, queryFailed: 0, open: 0 });
  });

  it('failing queries are in the ledger of connections alone', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, {
      fault: { at: 'query', how: 'query-error', every: 4 },
    });
    const { summary } = await runStorm(url, {
      load: constantRate(40, '1s'),
      connection: { queries: 1 },
    });
    expect(summary.accounting).toMatchObject({ ok: 40, failed: 0 });
    expect(summary.connections).toMatchObject({ opened: 40, closed: 30, queryFailed: 10 });
    expect(summary.errors[0]).toMatchObject({ ledger: 'connection', phase: 'query', count: 10 });
  });
});

describe('closing', () => {
  it('server-first: the time until the FIN is in close, and in nothing before', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { closeDelayMs: 50 });
    const { summary } = await runStorm(url, {
      load: constantRate(40, '1s'),
      connection: { close: 'server-first' },
    });
    const { latency, close } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expect(summary.connections).toMatchObject({ opened: 40, closed: 40, cut: 0, open: 0 });
    expect(close).toMatchObject({ count: 40, censored: 0 });
    expectDelay(close, 49_900, 60_000);
    expectDelay(latency, 0, 25_000);
    expect(summary.errors).toEqual([]);
    expectCountsAgree(summary);
  });
});

describe.concurrent('the schedule', () => {
  it('10 s at 97/s are exactly 970 arrivals at the same moments on 1, 2 and 3 workers', async ({
    onTestFinished,
  }) => {
    const storm = async (workers: number): Promise<[number, number][]> => {
      const server = await start(onTestFinished);
      const { summary, header, records } = await runStorm(server.url, {
        load: constantRate(97, '10s'),
        workers,
      });
      expect(header.plan.workers).toBe(workers);
      expect(header.plan.arrivalCount).toBe(970);
      expect(summary.accounting).toMatchObject({ due: 970, begun: 970, started: 970, ok: 970 });
      const { accepted } = await server.counters();
      expect(accepted).toBe(970 + 2);
      expect(summary.rates.offeredPerSecond).toBeCloseTo(97, 6);
      const attempts = attemptsOf(records.filter((record) => record.type === 'interval'));
      return attempts.map(({ index, scheduledUs }) => [index, scheduledUs]);
    };
    // Counts and moments do not depend on who else runs.
    const [one = [], ...others] = await Promise.all([1, 2, 3].map(storm));
    // Every interval keeps its hundred slowest attempts: at this rate nearly all, whatever a busy machine delays.
    expect(one.length).toBeGreaterThan(800);
    const atOne = new Map(one);
    for (const many of others) {
      const both = many.filter(([index]) => atOne.has(index));
      expect(both.length).toBeGreaterThan(700);
      for (const [index, scheduledUs] of both) expect(scheduledUs).toBe(atOne.get(index));
    }
  });
});

describe.concurrent('closing, with others beside it', () => {
  it('abandon: every third connect is left unanswered, and counts as given up', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence', every: 3 },
    });
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(60, '1s'),
      connection: { close: 'abandon', abandonAfter: '400ms' },
    });
    expect(summary.accounting).toMatchObject({ due: 60, ok: 40, failed: 0, abandoned: 20 });
    expect(summary.connections).toMatchObject({ opened: 40, closed: 40 });
    expect(summary.errors).toEqual([]);
    const { latency, serviceTime, failedLatency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 40, censored: 20 });
    expect(latency?.atLeast).toContain('p90Us');
    expect(latency?.atLeast).not.toContain('p50Us');
    expectWithin(latency?.p99Us, 399_000, MUCH_LATER_US);
    expect(serviceTime).toMatchObject({ count: 40, censored: 20 });
    expect(failedLatency).toBeUndefined();
    expectCountsAgree(summary);
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ accepted: 60 + 2, logins: 40 + 2, startups: 40 + 2 });
  });

  it('abandon: what waited for our own proof counts as given up, and is told', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished, {
      auth: 'scram-sha-256',
      scram: { iterations: 400_000 },
    });
    const { summary } = await runStorm(server.url, {
      load: constantRate(50, '3s'),
      connection: { close: 'abandon', abandonAfter: '50ms', maxScramIterations: 400_000 },
    });
    const { failed, abandoned } = summary.accounting;
    expect(failed).toBe(0);
    expect(summary.scram?.abandoned).toBeGreaterThanOrEqual(1);
    expect(summary.scram?.abandoned).toBeLessThanOrEqual(abandoned);
    expectCountsAgree(summary);
  });

  it('a uniform hold keeps as many open as its mean says', async ({ onTestFinished }) => {
    const server = await start(onTestFinished);
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(50, '2s'),
      connection: { hold: { min: '100ms', max: '300ms' } },
      workers: 2,
    });
    expect(summary.connections).toMatchObject({ opened: 100, closed: 100, open: 0 });
    // 50/s held 200 ms on average are 10 at once; more where late ones begin together, never all.
    const { maxOpen } = await waitForCounters(server, ({ open }) => open === 0);
    expectWithin(maxOpen, 6, 60);
  });

  it('server-first: a FIN that does not come in time makes close a lower bound', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { closeDelayMs: 60_000 });
    const { summary } = await runStorm(url, {
      load: constantRate(20, '1s'),
      connection: { close: 'server-first', timeout: '1s' },
    });
    expect(summary.connections).toMatchObject({ opened: 20, closed: 20, open: 0 });
    const { close } = metricsOf({ summary });
    expect(close).toMatchObject({ count: 0, censored: 20 });
    expect(close?.atLeast).toContain('p50Us');
    expectWithin(close?.p50Us, 999_000, MUCH_LATER_US);
    expect(summary.errors).toHaveLength(1);
    expect(summary.errors[0]).toMatchObject({
      ledger: 'connection',
      layer: 'timeout',
      phase: 'close',
      count: 20,
    });
    expectCountsAgree(summary);
  });

  it.for<[string, { terminates: number; abandoned: number }]>([
    ['terminate', { terminates: 20 + 2, abandoned: 0 }],
    ['server-first', { terminates: 20 + 2, abandoned: 0 }],
    ['reset', { terminates: 2, abandoned: 20 }],
  ])('the end of a run closes what is held by %s', async ([close, seen], { onTestFinished }) => {
    const server = await start(onTestFinished, { closeDelayMs: 20 });
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(20, '1s'),
      connection: { hold: 'end', close },
    });
    expect(summary.connections).toMatchObject({ opened: 20, closed: 20, open: 0 });
    expect(metricsOf({ summary }).close?.count).toBe(close === 'server-first' ? 20 : undefined);
    expectCountsAgree(summary);
    expect(await waitForCounters(server, ({ open }) => open === 0)).toMatchObject(seen);
  });

  it('local addresses are taken in turn, whichever worker connects', async ({ onTestFinished }) => {
    const server = await start(onTestFinished);
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(60, '1s'),
      connection: { localAddresses: ['127.0.0.2', '127.0.0.3', '127.0.0.4'] },
      workers: 2,
    });
    expect(summary.accounting).toMatchObject({ ok: 60 });
    const { peers } = await server.counters();
    expect(peers).toEqual({
      '127.0.0.1': 2,
      '127.0.0.2': 20,
      '127.0.0.3': 20,
      '127.0.0.4': 20,
    });
  });

  it('a local address that this machine does not have is refused before the run', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished);
    const { url } = server;
    const connection = { localAddresses: ['192.0.2.1'] };
    await expect(runStorm(url, { load: constantRate(60, '1s'), connection })).rejects.toThrow(
      'connection.localAddresses[0] must be an address of this machine, got 192.0.2.1',
    );
    expect((await server.counters()).accepted).toBe(0);
  });
});

describe.concurrent('stopping', () => {
  it('at a signal ends the arrivals, lets what is under way end, and keeps the result', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished, { sslReplyDelayMs: 300 });
    const { url } = server;
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

  it('at a second signal ends everything at once, as cancelled', async ({ onTestFinished }) => {
    const server = await start(onTestFinished, { fault: { at: 'sslrequest', how: 'silence' } });
    const { url } = server;
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

  it('after gracefulStop cancels what has not ended', async ({ onTestFinished }) => {
    const { url } = await start(onTestFinished, { fault: { at: 'sslrequest', how: 'silence' } });
    const { summary } = await runStorm(url, {
      load: constantRate(20, '500ms', { gracefulStop: '200ms' }),
    });
    expect(summary.accounting).toMatchObject({ due: 10, cancelled: 10, failed: 0 });
    expect(summary.stoppedBy).toBe('end');
  });

  it('closes connections that are held until the end', async ({ onTestFinished }) => {
    const server = await start(onTestFinished);
    const { url } = server;
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

/** The accounting laws hold; whether connstorm was late is the machine's business. */
function expectCountsAgree({ validity }: Storm['summary']): void {
  expect(validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
}

/** Of a time limit: no machine is so busy, and nothing else here takes so long. */
const MUCH_LATER_US = 5_000_000;

/** The known delay is in it, and nothing but that: from below by the median, from above by the shortest. */
function expectDelay(metric: MetricSummary | undefined, lowUs: number, highUs: number): void {
  expect(metric?.p50Us).toBeGreaterThanOrEqual(lowUs);
  expectWithin(metric?.minUs, 0, highUs);
}

function expectWithin(value: number | null | undefined, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

/** The attempts that were kept whole, by their index: the hundred slowest of every interval. */
function attemptsOf(intervals: IntervalRecord[]): SlowAttempt[] {
  return intervals.flatMap(({ slowest }) => slowest).sort((a, b) => a.index - b.index);
}

/** From the end of a stall until the last answer to those that came during it. */
function measureCatchUpMs(attempts: SlowAttempt[], stalledMs: number): number {
  const [first] = attempts.toSorted((a, b) => b.latencyUs - a.latencyUs);
  if (first === undefined) throw new Error('no attempt was kept');
  const overUs = first.scheduledUs + stalledMs * 1_000;
  const waited = attempts.filter(
    ({ scheduledUs }) => scheduledUs >= first.scheduledUs && scheduledUs <= overUs,
  );
  const answeredUs = waited.map(({ scheduledUs, latencyUs }) => scheduledUs + latencyUs);
  return Math.max(0, Math.max(...answeredUs) - overUs) / 1_000;
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
