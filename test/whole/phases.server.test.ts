import { describe, expect, it, type TestContext } from 'vitest';
import type { Metric } from '../../src/model/measures.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  waitForCounters,
} from '../support/servers/known-server.ts';
import { expectDelay, metricsOf } from '../support/storm-figures.ts';

/** Each delay in its own phase, of a few connects. truth.real.test.ts has more of them, and closer bounds. */

const LOAD = constantRate(40, '500ms');

/** The preflight's two connections are neither refused nor delayed into failing. */
function start(
  onTestFinished: TestContext['onTestFinished'],
  behaviour: Behaviour = {},
): Promise<KnownServer> {
  return startDuring(onTestFinished, { spareFirst: 2, ...behaviour });
}

const DELAY_MS = 200;
const DELAY_US = DELAY_MS * 1_000;

describe.concurrent('a server that is slow by 200 ms', () => {
  it.for<[string, Behaviour, string, Record<string, unknown>, Metric, Metric[]]>([
    [
      'to the StartupMessage',
      { startupDelayMs: DELAY_MS },
      '?sslmode=disable',
      {},
      'ready',
      ['tcp'],
    ],
    ['to SSLRequest', { sslReplyDelayMs: DELAY_MS }, '', {}, 'spawn', ['tcp', 'ready']],
    [
      'to the hello of TLS',
      { sslReply: 'S', tlsDelayMs: DELAY_MS },
      '?sslmode=require',
      {},
      'tls',
      ['spawn', 'ready'],
    ],
    [
      'to the hello of direct TLS',
      { tlsDelayMs: DELAY_MS },
      '?sslmode=require&sslnegotiation=direct',
      {},
      'spawn',
      ['tls', 'ready'],
    ],
    ['to a query', { queryDelayMs: DELAY_MS }, '', { queries: 1 }, 'query', ['latency']],
    [
      'to Terminate',
      { closeDelayMs: DELAY_MS },
      '',
      { close: 'server-first' },
      'close',
      ['latency'],
    ],
  ])(
    '%s: all of it in that phase',
    async ([, behaviour, query, connection, phase, others], { onTestFinished }) => {
      const { url } = await start(onTestFinished, behaviour);
      const { summary } = await runStorm(`${url}${query}`, { load: LOAD, connection });
      const metrics = metricsOf({ summary });
      expect(summary.accounting).toMatchObject({ due: 20, ok: 20, failed: 0, dropped: 0 });
      expect(metrics[phase]?.count).toBe(20);
      expect(metrics[phase]?.p50Us).toBeGreaterThanOrEqual(DELAY_US - 500);
      // A busy machine makes some slower, and hardly all twenty.
      for (const other of others) expectDelay(metrics[other], 0, DELAY_US - 500);
    },
  );
});

describe.concurrent("a server's own times", () => {
  const TIMES = { totalMs: 5, forkMs: 1.25, authMs: 0.5, ageMs: 5 };

  it('are of its notice, and what they leave of the wait is queue wait', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, { sslReplyDelayMs: 20, serverTimes: TIMES });
    const { summary, notes, header } = await runStorm(url, { load: LOAD });
    const { serverSetup, serverFork, serverAuth, queueWait } = metricsOf({ summary });
    expect(serverSetup).toMatchObject({ count: 20, minUs: 5000, maxUs: 5000 });
    expect(serverFork).toMatchObject({ count: 20, minUs: 1250, maxUs: 1250 });
    expect(serverAuth).toMatchObject({ count: 20, minUs: 500, maxUs: 500 });
    expect(queueWait?.count).toBe(20);
    expect(queueWait?.p50Us).toBeGreaterThanOrEqual(14_000);
    expect(header.serverTimes?.notice).toBe('asked');
    expect(notes.join()).not.toContain('its own times');
  });

  it('that we may not ask for: one line says so, and the sample tells the wait', async ({
    onTestFinished,
  }) => {
    const { url } = await start(onTestFinished, {
      sslReplyDelayMs: 20,
      serverTimes: { ...TIMES, forbidden: true },
      spareFirst: 3,
    });
    const { summary, notes, header } = await runStorm(url, { load: LOAD });
    expect(notes.filter((note) => note.includes('GRANT SET ON PARAMETER'))).toHaveLength(1);
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20 });
    expect(summary.metrics).not.toHaveProperty('queueWait');
    expect(summary.metrics).not.toHaveProperty('serverSetup');
    expect(summary.metrics.queueWaitEstimate?.p50Us).toBeGreaterThanOrEqual(14_000);
    expect(header.serverTimes?.notice).toBe(null);
  });

  it('that are not asked for: no options, no further queries, no line', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished, { serverTimes: TIMES });
    const storm = { load: LOAD, connection: { serverTimes: false } };
    const { summary, notes, header } = await runStorm(server.url, storm);
    expect(Object.keys(summary.metrics)).not.toContain('queueWait');
    expect(Object.keys(summary.metrics)).not.toContain('queueWaitEstimate');
    expect(header).not.toHaveProperty('serverTimes');
    expect(notes.join()).not.toContain('its own times');
    const { parameters, logins } = await server.counters();
    expect(parameters).not.toHaveProperty('options');
    // The preflight's two, and the storm's.
    expect(logins).toBe(22);
  });
});

it('failing queries are in the ledger of connections alone', async ({ onTestFinished }) => {
  const { url } = await start(onTestFinished, {
    fault: { at: 'query', how: 'query-error', every: 4 },
  });
  const { summary } = await runStorm(url, { load: LOAD, connection: { queries: 1 } });
  expect(summary.accounting).toMatchObject({ ok: 20, failed: 0 });
  expect(summary.connections).toMatchObject({ opened: 20, closed: 15, queryFailed: 5 });
  expect(summary.errors[0]).toMatchObject({ ledger: 'connection', phase: 'query', count: 5 });
});

it('a server that stops for 1 s loses nothing, and the wait is not left out', async ({
  onTestFinished,
}) => {
  const server = await start(onTestFinished);
  const storm = runStorm(server.url, { load: constantRate(40, '3s') });
  await waitForCounters(server, ({ logins }) => logins >= 22);
  const stalledUs = (await server.stallFor(1_000)) * 1_000;
  const { summary } = await storm;
  expect(summary.accounting).toMatchObject({ due: 120, ok: 120, dropped: 0, inFlight: 0 });
  const { latency } = metricsOf({ summary });
  // Whoever came first in it waited for nearly all of it; arrivals are 25 ms apart.
  expect(latency?.maxUs).toBeGreaterThanOrEqual(0.9 * stalledUs);
});
