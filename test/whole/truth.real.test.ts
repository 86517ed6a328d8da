import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/model/histogram.ts';
import type { Metric } from '../../src/model/measures.ts';
import type { IntervalRecord, SlowAttempt } from '../../src/result/records/intervals.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import { startForRun, waitForCounters } from '../support/servers/known-server.ts';
import {
  attemptsOf,
  expectCountsAgree,
  expectDelay,
  expectWithin,
  metricsOf,
} from '../support/storm-figures.ts';

/**
 * What is measured, against servers whose behaviour is known. A busy machine makes attempts slower and none faster:
 * the median is held from below, and from above the shortest, which was not held up.
 */

describe('a server that is slow by a known amount', () => {
  it('that answers the StartupMessage 20 ms later: all of it in ready', async ({
    onTestFinished,
  }) => {
    const { url } = await startForRun(onTestFinished, { startupDelayMs: 20 });
    const { summary } = await runStorm(`${url}?sslmode=disable`, {
      load: constantRate(40, '1s'),
    });
    const { latency, ready, tcp, spawn } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40, failed: 0, dropped: 0 });
    expect(latency?.count).toBe(40);
    expect(ready?.count).toBe(40);
    expectDelay(latency, 20_000, 24_000);
    // On an idle machine within 24 ms, too: test/bench/measures/delay.js.
    expectWithin(latency?.p50Us, 20_000, 100_000);
    expectDelay(ready, 19_900, 24_000);
    expectDelay(tcp, 0, 5_000);
    expect(spawn).toBeUndefined();
    expect(summary.boundaries).toEqual({ absent: 40 });
  });

  it('that replies to SSLRequest 20 ms later: all of it in spawn', async ({ onTestFinished }) => {
    const { url } = await startForRun(onTestFinished, { sslReplyDelayMs: 20 });
    const { summary } = await runStorm(url, { load: constantRate(40, '1s') });
    const { latency, spawn, ready } = metricsOf({ summary });
    expect(summary.accounting).toMatchObject({ due: 40, ok: 40 });
    expectDelay(latency, 20_000, 24_000);
    // On an idle machine within 24 ms, too: test/bench/measures/delay.js.
    expectWithin(latency?.p50Us, 20_000, 100_000);
    expect(spawn?.count).toBe(40);
    expectDelay(spawn, 19_900, 24_000);
    expectDelay(ready, 0, 10_000);
    expect(summary.boundaries).toEqual({ sslrequest: 40 });
  });

  it('that waits 20 ms and then counts 5 ms: 15 ms of queue wait, by its notice and by the age of its backends', async ({
    onTestFinished,
  }) => {
    const times = { totalMs: 5, forkMs: 1.25, authMs: 0.5, ageMs: 5 };
    const { url } = await startForRun(onTestFinished, { sslReplyDelayMs: 20, serverTimes: times });
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
    const { url } = await startForRun(onTestFinished, {
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
    const server = await startForRun(onTestFinished, { serverTimes: times });
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
    const { url } = await startForRun(onTestFinished, { sslReply: 'S', tlsDelayMs: 40 });
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
    const server = await startForRun(onTestFinished, { tlsDelayMs: 40 });
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

  it('that stops for 1 s in the middle of 4 s at 100/s: nothing is lost, and the wait is not left out', async ({
    onTestFinished,
  }) => {
    const server = await startForRun(onTestFinished);
    const { url } = server;
    const storm = runStorm(url, { load: constantRate(100, '4s') });
    await waitForCounters(server, ({ logins }) => logins >= 100);
    const stalledMs = await server.stallFor(1_000);
    const { summary, records } = await storm;
    expect(summary.accounting).toMatchObject({
      due: 400,
      ok: 400,
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
    expectWithin(above, expected - 5, 1.2 * expected + 5 + catchUpMs / 10);
  });
});

describe('first query', () => {
  it('its delay is in query and first query, and in nothing before', async ({ onTestFinished }) => {
    const { url } = await startForRun(onTestFinished, { queryDelayMs: 30 });
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
    const { url } = await startForRun(onTestFinished, {
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
    const { url } = await startForRun(onTestFinished, { closeDelayMs: 50 });
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
