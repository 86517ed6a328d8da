import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { constantRate, runStorm, type Storm } from '../support/run-storm.ts';
import { startForRun, waitForCounters } from '../support/servers/known-server.ts';
import {
  attemptsOf,
  expectCountsAgree,
  expectDelay,
  expectWithin,
  MACHINES,
  MUCH_LATER_US,
  metricsOf,
} from '../support/storm-figures.ts';

/**
 * What is counted, against servers whose behaviour is known: several at a time, as each mostly waits, and the start of each
 * storm costs the others some milliseconds.
 */

describe.concurrent('failures', () => {
  it('53300 to every third connect is counted exactly, and the others are told apart', async ({
    onTestFinished,
  }) => {
    // Slow enough that a late start of ours, with others running or on a busy machine, does not make the run invalid.
    const { url } = await startForRun(onTestFinished, { refuseEvery: 3, readyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '600ms') });
    expect(summary.accounting).toMatchObject({ due: 60, ok: 40, failed: 20 });
    expect(summary.errors).toHaveLength(1);
    expect(summary.errors[0]).toMatchObject({
      layer: 'server',
      code: '53300',
      count: 20,
      ledger: 'attempt',
    });
    const { latency, failedLatency } = metricsOf({ summary });
    expect(latency?.count).toBe(40);
    expect(latency?.censored).toBe(0);
    expect(failedLatency?.count).toBe(20);
    expectNothingButTheMachine(summary);
  });

  it('with half the connects refused a run without budgets still tells', async ({
    onTestFinished,
  }) => {
    const { url } = await startForRun(onTestFinished, { refuseEvery: 2, readyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s') });
    expect(summary.accounting).toMatchObject({ ok: 50, failed: 50 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 50, censored: 0 });
    expectNothingButTheMachine(summary);
  });

  it('a server that stops answering: timeouts are counted, and percentiles are lower bounds', async ({
    onTestFinished,
  }) => {
    const { url } = await startForRun(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence' },
    });
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
    const { url } = await startForRun(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence', every: 10 },
    });
    const { summary } = await runStorm(url, {
      load: constantRate(50, '1s'),
      // So long that a busy machine makes no other connect time out.
      connection: { timeout: '4s' },
    });
    const { latency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 45, censored: 5 });
    expect(latency?.atLeast).toEqual(expect.arrayContaining(['p95Us', 'p99Us']));
    expect(latency?.atLeast).not.toContain('p50Us');
    expectWithin(latency?.p50Us, 0, 3_999_000);
    expectWithin(latency?.p99Us, 3_999_000, 4_000_000 + MUCH_LATER_US);
  });

  it('FATAL without closing ends the attempt at once', async ({ onTestFinished }) => {
    const { url } = await startForRun(onTestFinished, {
      refuseEvery: 1,
      refusal: { keepOpen: true },
    });
    const { summary } = await runStorm(url, { load: constantRate(50, '1s') });
    expect(summary.accounting).toMatchObject({ failed: 50, ok: 0 });
    // Not at the socket's end, nor at the timeout, which is 10 s.
    expectDelay(metricsOf({ summary }).failedLatency, 0, MUCH_LATER_US);
  });

  it('a cap on attempts in flight drops what is beyond it, and says how many', async ({
    onTestFinished,
  }) => {
    const { url } = await startForRun(onTestFinished, { sslReplyDelayMs: 1_000 });
    const { summary } = await runStorm(url, { load: constantRate(100, '1s', { maxInFlight: 10 }) });
    expect(summary.accounting).toMatchObject({ due: 100, dropped: 90, begun: 10, ok: 10 });
    expect(metricsOf({ summary }).latency).toMatchObject({ count: 10, censored: 90 });
  });
});

describe.concurrent('the schedule', () => {
  it('1 s at 97/s are exactly 97 arrivals at the same moments on 1 and 3 workers', async ({
    onTestFinished,
  }) => {
    const storm = async (workers: number): Promise<[number, number][]> => {
      const server = await startForRun(onTestFinished);
      const { summary, header, records } = await runStorm(server.url, {
        load: constantRate(97, '1s'),
        workers,
      });
      expect(header.plan).toMatchObject({ workers, arrivalCount: 97 });
      expect(summary.accounting).toMatchObject({ due: 97, begun: 97, started: 97, ok: 97 });
      const { accepted } = await server.counters();
      expect(accepted).toBe(97 + 2);
      expect(summary.rates.offeredPerSecond).toBeCloseTo(97, 6);
      // Every interval keeps its hundred slowest attempts: all of them at this rate, whatever a busy machine delays.
      const attempts = attemptsOf(records.filter((record) => record.type === 'interval'));
      return attempts
        .map(({ index, scheduledUs }): [number, number] => [index, scheduledUs])
        .sort(([one], [other]) => one - other);
    };
    // Counts and moments do not depend on who else runs.
    const [one, three] = await Promise.all([1, 3].map(storm));
    expect(one).toHaveLength(97);
    expect(three).toEqual(one);
  });
});

describe.concurrent('closing', () => {
  it('abandon: every third connect is left unanswered, and counts as given up', async ({
    onTestFinished,
  }) => {
    const server = await startForRun(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence', every: 3 },
    });
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(60, '500ms'),
      connection: { close: 'abandon', abandonAfter: '2s' },
    });
    expect(summary.accounting).toMatchObject({ due: 30, ok: 20, failed: 0, abandoned: 10 });
    expect(summary.connections).toMatchObject({ opened: 20, closed: 20 });
    expect(summary.errors).toEqual([]);
    const { latency, serviceTime, failedLatency } = metricsOf({ summary });
    expect(latency).toMatchObject({ count: 20, censored: 10 });
    expect(latency?.atLeast).toContain('p90Us');
    expect(latency?.atLeast).not.toContain('p50Us');
    expectWithin(latency?.p99Us, 1_999_000, MUCH_LATER_US);
    expect(serviceTime).toMatchObject({ count: 20, censored: 10 });
    expect(failedLatency).toBeUndefined();
    expectCountsAgree(summary);
    const counters = await waitForCounters(server, ({ open }) => open === 0);
    expect(counters).toMatchObject({ accepted: 30 + 2, logins: 20 + 2, startups: 20 + 2 });
  });

  it('abandon: what waited for our own proof counts as given up, and is told', async ({
    onTestFinished,
  }) => {
    const server = await startForRun(onTestFinished, {
      auth: 'scram-sha-256',
      scram: { iterations: 400_000 },
    });
    const { summary } = await runStorm(server.url, {
      // So long that a derivation ends in it: a run that sees none end tells nothing of them.
      load: constantRate(50, '3s'),
      connection: { close: 'abandon', abandonAfter: '100ms', maxScramIterations: 400_000 },
    });
    const { failed, abandoned } = summary.accounting;
    expect(failed).toBe(0);
    expect(summary.scram?.abandoned).toBeGreaterThanOrEqual(1);
    expect(summary.scram?.abandoned).toBeLessThanOrEqual(abandoned);
    expectCountsAgree(summary);
  });

  it('a uniform hold keeps as many open as its mean says', async ({ onTestFinished }) => {
    const server = await startForRun(onTestFinished);
    const { url } = server;
    const { summary } = await runStorm(url, {
      load: constantRate(50, '1s'),
      connection: { hold: { min: '100ms', max: '300ms' } },
      workers: 2,
    });
    expect(summary.connections).toMatchObject({ opened: 50, closed: 50, open: 0 });
    // 50/s held 200 ms on average are 10 at once; more where late ones begin together, never all.
    const { maxOpen } = await waitForCounters(server, ({ open }) => open === 0);
    expectWithin(maxOpen, 6, 45);
  });

  it('server-first: a FIN that does not come in time makes close a lower bound', async ({
    onTestFinished,
  }) => {
    const { url } = await startForRun(onTestFinished, { closeDelayMs: 60_000 });
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
    const server = await startForRun(onTestFinished, { closeDelayMs: 20 });
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
    const server = await startForRun(onTestFinished);
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
    const server = await startForRun(onTestFinished);
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
    const server = await startForRun(onTestFinished, { sslReplyDelayMs: 300 });
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
    const server = await startForRun(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence' },
    });
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
    const { url } = await startForRun(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence' },
    });
    const { summary } = await runStorm(url, {
      load: constantRate(20, '500ms', { gracefulStop: '200ms' }),
    });
    expect(summary.accounting).toMatchObject({ due: 10, cancelled: 10, failed: 0 });
    expect(summary.stoppedBy).toBe('end');
  });

  it('closes connections that are held until the end', async ({ onTestFinished }) => {
    const server = await startForRun(onTestFinished);
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

/** Nothing that the server did makes the run invalid, and without budgets nothing breaks it. */
function expectNothingButTheMachine({ validity, exitCode }: Storm['summary']): void {
  const codes = validity.reasons.map(({ code }) => code);
  expect(codes.filter((code) => !MACHINES.includes(code))).toEqual([]);
  expect(exitCode).toBe(validity.valid ? 0 : 111);
}
