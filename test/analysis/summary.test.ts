import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { Histogram } from '../../src/model/histogram.ts';
import { checkRecord } from '../../src/result/read/shapes/record-shapes.ts';
import type { EndRecord } from '../../src/result/records/end.ts';
import type { HeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  SyntheticRun,
  TIMEOUT,
} from '../support/synthetic/synthetic-run.ts';

function summarise(records: ResultRecord[]): SummaryRecord {
  const fold = createSummary(records[0] as HeaderRecord);
  for (const record of records) fold.add(record);
  return fold.finish();
}

/** 100 ok attempts a step, of 1 to 100 ms, evenly spread. */
function playSteps(count: number, steps = makeSteps(count)): SyntheticRun {
  const run = new SyntheticRun(steps);
  for (let i = 0; i < count * 100; i++) {
    const step = Math.floor(i / 100);
    const latencyUs = ((i % 100) + 1) * 1000;
    run.ok(makeOk(latencyUs, { step, index: i, scheduledUs: step * SECOND_US + (i % 100) * 9000 }));
  }
  return run;
}

describe('createSummary', () => {
  it('leaves out all server times where a backend was older than its connect', () => {
    const run = new SyntheticRun(makeSteps(1));
    const times = { serverSetupUs: 600, serverForkUs: 100, serverAuthUs: 200 };
    for (let i = 0; i < 10; i++) run.ok({ ...makeOk(2000), ...times });
    const age = { elapsedUs: 4000, tcpUs: 200 };
    run.recorder.recordBackendAge(0, 5000, { ...age, serverUs: 3000 });
    run.recorder.recordBackendAge(0, 5000, { ...age, serverUs: 60_000_000 });
    const { metrics, validity, warnings } = summarise(run.records(makeHeader()));
    expect(validity).toMatchObject({ valid: true });
    expect(Object.keys(metrics).filter((name) => /^server|^queueWait/.test(name))).toEqual([]);
    expect(metrics.latency).toMatchObject({ count: 10 });
    expect(warnings).toMatchObject([
      { code: 'OLD_BACKENDS', message: expect.stringMatching(/^one backend was older .* pooler/) },
    ]);
  });

  it('adds up what the server said, and says nothing of one that said nothing', () => {
    const run = new SyntheticRun(makeSteps(1));
    run.ok(makeOk(2000));
    expect(summarise(run.records(makeHeader()))).not.toHaveProperty('notices');
    const loud = new SyntheticRun(makeSteps(1));
    loud.ok(makeOk(2000));
    for (const atUs of [1000, 1_000_001, 2_000_001]) {
      loud.recorder.recordNotice(atUs, { severity: 'WARNING', code: '01000', message: 'x' });
    }
    expect(summarise(loud.records(makeHeader())).notices).toEqual([
      { severity: 'WARNING', code: '01000', message: 'x', count: 3 },
    ]);
  });

  it("has the server's own times, and holds their histograms to their counters", () => {
    const run = new SyntheticRun(makeSteps(1));
    const times = { serverSetupUs: 600, serverForkUs: 100, serverAuthUs: 200 };
    for (let i = 0; i < 10; i++) run.ok({ ...makeOk(2000), ...times });
    run.ok(makeOk(2000));
    run.recorder.recordBackendAge(0, 5000, { elapsedUs: 4000, tcpUs: 200, serverUs: 3000 });
    const records = run.records(makeHeader());
    const { metrics, validity } = summarise(records);
    expect(validity).toMatchObject({ valid: true });
    expect(metrics.serverSetup).toMatchObject({ count: 10, p50Us: 600 });
    expect(metrics.queueWait).toMatchObject({ count: 10, p50Us: 1000 });
    expect(metrics.queueWaitEstimate).toMatchObject({ count: 1, maxUs: 600 });

    const forge = (serverTimes: { told: number; sampled: number }): string[] => {
      const forged = records.map((record) =>
        record.type === 'interval'
          ? { ...record, steps: record.steps.map((step) => ({ ...step, serverTimes })) }
          : record,
      );
      return summarise(forged).validity.reasons.map(({ message }) => message);
    };
    expect(forge({ told: 9, sampled: 1 }).join()).toContain('queueWait has 10 values, not 9');
    expect(forge({ told: 12, sampled: 1 }).join()).toContain('told 12 is more than ok 11');
  });

  it('has the figures of a run that went well', () => {
    const records = playSteps(1).records(makeHeader());
    const summary = summarise(records);
    expect(summary).toMatchObject({
      exitCode: 0,
      stoppedBy: 'end',
      validity: { valid: true, reasons: [] },
      accounting: { due: 100, begun: 100, started: 100, ok: 100, inFlight: 0 },
      connections: { opened: 100, closed: 100, open: 0 },
      boundaries: { sslrequest: 100 },
      rates: { windowUs: SECOND_US, offeredPerSecond: 100, achievedPerSecond: 100 },
      generator: null,
    });
    expect(summary.metrics.latency).toMatchObject({
      count: 100,
      censored: 0,
      minUs: 1000,
      meanUs: 50_500,
      maxUs: 100_000,
    });
    expect(summary.metrics.latency?.p50Us).toBeCloseTo(50_000, -2);
    expect(summary.metrics).not.toHaveProperty('tls');
    expect(summary.metrics).not.toHaveProperty('failedLatency');
  });

  it('is the same after the records have been through a file', () => {
    const records = playSteps(3).records(makeHeader({ steps: makeSteps(3) }));
    const reread = records.map((record) => JSON.parse(JSON.stringify(record)) as ResultRecord);
    expect(summarise(reread)).toEqual(summarise(records));
  });

  it('judges each step by what was offered and completed in its window', () => {
    const steps = makeSteps(2);
    const run = new SyntheticRun(steps);
    for (let i = 0; i < 10; i++) run.ok(makeOk(10_000, { scheduledUs: i * 1000 }));
    // Arrives in the first step and is ready in the second: offered there, achieved here.
    run.ok(makeOk(900_000, { scheduledUs: 500_000 }));
    const { steps: summaries, rates } = summarise(run.records(makeHeader({ steps })));
    expect(summaries).toMatchObject([
      { offeredPerSecond: 11, achievedPerSecond: 10, latency: { count: 11 } },
      { offeredPerSecond: 0, achievedPerSecond: 1, latency: { count: 0 } },
    ]);
    expect(summaries.map(({ validity }) => validity.valid)).toEqual([true, false]);
    expect(rates).toMatchObject({ offeredPerSecond: 5.5, achievedPerSecond: 5.5 });
  });

  it('takes rates over the part of the plan that ran, and leaves out steps that did not', () => {
    const steps = makeSteps(4);
    const run = playSteps(1, steps);
    for (let i = 0; i < 50; i++) run.ok(makeOk(1000, { step: 1, scheduledUs: SECOND_US + i }));
    run.recorder.stopWindows(1_500_000);
    run.ok(makeOk(300_000, { step: 1, scheduledUs: 1_300_000 }));
    const end = { stoppedBy: 'signal', stopAtUs: 1_500_000, atUs: 1_900_000 } as const;
    const summary = summarise(run.records(makeHeader({ steps }), end));
    expect(summary.exitCode).toBe(105);
    expect(summary.rates).toEqual({
      windowUs: 1_500_000,
      offeredPerSecond: 151 / 1.5,
      achievedPerSecond: 100,
    });
    expect(summary.steps.map(({ offeredPerSecond }) => offeredPerSecond)).toEqual([100, 102]);
  });

  it('reads records without an end as interrupted, what is in flight censored', () => {
    const steps = makeSteps(1);
    const run = new SyntheticRun(steps).ok(makeOk(1000));
    run.recorder.recordBegun(0, 10, 0);
    const records = run.records(makeHeader({ steps })).slice(0, -1);
    const { stoppedBy, exitCode, accounting, metrics, validity } = summarise(records);
    expect({ stoppedBy, exitCode }).toEqual({ stoppedBy: 'interrupted', exitCode: 105 });
    expect(accounting).toMatchObject({ started: 2, inFlight: 1 });
    expect(metrics.latency).toMatchObject({ count: 1, censored: 1 });
    expect(validity.valid).toBe(true);
  });

  it('censors latency and service time by abandoned attempts, which are no failures', () => {
    const run = playSteps(1).ended(makeAttempt({ atUs: 900_000 }), 'abandoned');
    const { metrics, accounting, validity } = summarise(run.records(makeHeader()));
    expect(accounting).toMatchObject({ ok: 100, failed: 0, abandoned: 1 });
    expect(metrics.latency).toMatchObject({ count: 100, censored: 1, maxUs: 900_000 });
    expect(metrics.serviceTime).toMatchObject({ count: 100, censored: 1, maxUs: 900_000 });
    expect(metrics.failedLatency).toBeUndefined();
    expect(validity.reasons).toEqual([]);
  });

  it('tells of how many attempts latency is, where others are of closed loops', () => {
    const [first, second] = makeSteps(2);
    if (first === undefined || second === undefined) throw new Error('no steps');
    const steps = [{ ...first, loop: 'closed' as const }, second];
    const run = new SyntheticRun(steps);
    for (let i = 0; i < 50; i++) run.ok(makeOk(10_000, { step: 0 }));
    for (let i = 0; i < 30; i++) run.ok(makeOk(10_000, { step: 1, scheduledUs: SECOND_US }));
    run.ended(
      makeAttempt({ step: 1, scheduledUs: SECOND_US, startUs: SECOND_US, atUs: SECOND_US + 500 }),
      'failed',
      REFUSED,
    );
    const budgets = ['latency p(90) < 11ms', 'serviceTime p(90) < 11ms'];
    const [header, ...records] = run.records({ ...makeHeader({ steps }), budgets });
    const { plan } = header as HeaderRecord;
    const summary = summarise([
      { ...(header as HeaderRecord), plan: { ...plan, arrivalCount: 31 } },
      ...records,
    ]);
    expect(summary.metrics.latency).toMatchObject({ count: 30, tries: 31 });
    expect(summary.budgets).toMatchObject([
      { verdict: 'pass', low: expect.closeTo(10_000, -2), of: 31 },
      { verdict: 'pass', low: expect.closeTo(10_000, -2), of: 81 },
    ]);
  });

  it('ranks closes without a FIN as the slowest, and wants one value for each closed connection', () => {
    const play = (seen: number, unseen: number) => {
      const run = playSteps(1);
      for (let i = 0; i < seen; i++) run.recorder.recordClose(0, 10, 500, true);
      for (let i = 0; i < unseen; i++) run.recorder.recordClose(0, 10, 9_000, false);
      return summarise(run.records(makeHeader()));
    };
    const { metrics, validity } = play(90, 10);
    expect(metrics.close).toMatchObject({ count: 90, censored: 10, p50Us: 500 });
    expect(metrics.close?.atLeast).toEqual(['p95Us', 'p99Us', 'p999Us', 'maxUs']);
    expect(validity.reasons).toEqual([]);
    expect(play(90, 9).validity.reasons).toMatchObject([{ code: 'ACCOUNTING' }]);
  });

  it('censors latency by dropped, lost, cancelled and timed-out attempts, service time not by dropped', () => {
    const run = playSteps(1)
      .dropped(4)
      .ended(makeAttempt({ atUs: 900_000 }), 'failed', TIMEOUT)
      .ended(makeAttempt({ atUs: 900_000 }), 'cancelled')
      .ended(makeAttempt({ atUs: 900_000 }), 'failed', REFUSED);
    const { metrics } = summarise(run.records(makeHeader()));
    expect(metrics.latency).toMatchObject({ count: 100, censored: 6, maxUs: 900_000 });
    expect(metrics.serviceTime).toMatchObject({ count: 100, censored: 2 });
    expect(metrics.failedLatency).toMatchObject({ count: 2 });
    expect(metrics.latency?.atLeast).toEqual(['p95Us', 'p99Us', 'p999Us', 'maxUs']);
    expect(metrics.serviceTime?.atLeast).toEqual(['p99Us', 'p999Us', 'maxUs']);
  });

  it('tells where the slowest 1 % spent their time, pieces adding up to their latency', () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 500; i++) run.ok(makeOk(1000, { scheduledUs: i }));
    for (let i = 0; i < 5; i++) run.ok(makeOk(100_000, { latenessUs: 20_000, scheduledUs: i }));
    const { slowest } = summarise(run.records(makeHeader()));
    expect(slowest).toEqual({
      count: 6,
      kept: 6,
      fromUs: 1000,
      meanUs: { lateness: 16_667, tcp: 6683, spawn: 33_417, auth: 6683, ready: 20_050 },
    });
    const sum = Object.values(slowest?.meanUs ?? {}).reduce((total, us) => total + us, 0);
    expect(Math.abs(sum - (5 * 100_000 + 1000) / 6)).toBeLessThan(5);
  });

  it('does not put faster attempts in the place of slow ones that were not kept', () => {
    const steps = makeSteps(2);
    const run = new SyntheticRun(steps);
    // 300 slow ones end in one interval, which keeps 100; a fast one is the only one of the other.
    for (let i = 0; i < 300; i++) run.ok(makeOk(500_000 + i, { scheduledUs: i }));
    for (let i = 0; i < 29_700; i++) run.ok(makeOk(100, { step: 1, scheduledUs: SECOND_US + i }));
    expect(summarise(run.records(makeHeader({ steps }))).slowest).toMatchObject({
      count: 300,
      kept: 100,
    });
  });

  it('has nothing slow without an ok attempt, and says that there is no data', () => {
    const run = new SyntheticRun(makeSteps(1)).ended(makeAttempt({ atUs: 5 }), 'failed', REFUSED);
    const { slowest, exitCode, validity, errors, metrics } = summarise(run.records(makeHeader()));
    expect({ slowest, exitCode }).toEqual({ slowest: null, exitCode: 111 });
    expect(validity.reasons.map(({ code }) => code)).toEqual(['NO_DATA']);
    expect(errors).toMatchObject([{ ...REFUSED, count: 1 }]);
    expect(metrics).not.toHaveProperty('latency');
  });

  it('adds up the errors of all intervals', () => {
    const run = playSteps(2);
    for (const atUs of [1, 2, SECOND_US + 1]) run.ended(makeAttempt({ atUs }), 'failed', REFUSED);
    const { errors } = summarise(run.records(makeHeader({ steps: makeSteps(2) })));
    expect(errors).toMatchObject([{ code: '53300', count: 3, ledger: 'attempt' }]);
  });

  it('divides the CPU time of the samples', () => {
    const sample = { type: 'sample', probe: 'generator', atUs: 0, elapsedUs: 1 } as const;
    const records = playSteps(1).records(makeHeader());
    records.splice(1, 0, { ...sample, cpuUs: 10, hostBusyUs: 60, hostTotalUs: 100 });
    records.splice(1, 0, { ...sample, cpuUs: 30, hostBusyUs: 100, hostTotalUs: 100 });
    expect(summarise(records).generator).toEqual({ cpuShare: 0.2, hostBusyShare: 0.8 });
  });

  it.each([
    ['signal', 105],
    ['condition', 108],
    ['error', 1],
  ] as const)('ends with the exit code of a run stopped by %s', (stoppedBy, exitCode) => {
    const records = playSteps(1).records(makeHeader(), { stoppedBy, reason: 'because' });
    expect(summarise(records)).toMatchObject({ exitCode, stoppedBy, reason: 'because' });
  });

  it('finds broken laws, and trusts nothing then', () => {
    const records = playSteps(1).records(makeHeader());
    const interval = records.find((record) => record.type === 'interval');
    const part = interval?.type === 'interval' ? interval.steps[0] : undefined;
    if (part !== undefined) part.counts.ok = 99;
    const { exitCode, validity } = summarise(records);
    expect(exitCode).toBe(111);
    expect(validity.reasons).toMatchObject([{ code: 'ACCOUNTING' }]);
    expect(validity.reasons[0]?.message).toMatch(
      /started 100 is not ended 99.*latency has 100 values, not 99/,
    );
  });

  it('misses arrivals of a plan that was said to have run to its end', () => {
    const [header, ...rest] = playSteps(1).records(makeHeader());
    if (header?.type !== 'header' || header.version !== 1) throw new Error('no header');
    const more = { ...header, plan: { ...header.plan, arrivalCount: 120 } };
    expect(summarise([more, ...rest]).validity.reasons[0]?.message).toContain(
      "due 100 is not the plan's 120 arrivals",
    );
  });
});

describe('the summary of logins that came late to their SCRAM keys', () => {
  const OLD = { derivations: 100, salts: 1, cache: false, shortestUs: 1000, meanUs: 60_000 };
  const encode = (us: number) => {
    const histogram = new Histogram();
    histogram.record(us, 100);
    return histogram.encode();
  };
  const summariseWith = (scram: EndRecord['scram'], connection: Record<string, unknown>) => {
    const records = playSteps(1).records({
      ...makeHeader({ arrivalCount: 100 }),
      spec: { connection },
    });
    return summarise(
      records.map((record) => (record.type === 'end' && scram ? { ...record, scram } : record)),
    );
  };

  it('judges a file that has no more than their mean', () => {
    const { validity } = summariseWith(OLD, { driver: 'wire', scramCache: false });
    expect(validity.reasons).toMatchObject([
      {
        code: 'SCRAM_CPU',
        message: expect.stringMatching(
          /mean was 59.0 ms .*; lower the rate, or leave connection.scramCache on$/,
        ),
      },
    ]);
  });

  it('names what a pooler does that makes a new salt for every login', () => {
    const waits = encode(60_000);
    const late = { ...OLD, derivations: 100, salts: 100, cache: true, waits, alone: encode(1000) };
    const { validity } = summariseWith(late, { driver: 'wire' });
    expect(validity.reasons).toMatchObject([
      {
        code: 'SCRAM_CPU',
        message: expect.stringMatching(
          /each login had a new salt.*PgBouncer.*put SCRAM secrets instead of plaintext passwords into its user list/,
        ),
      },
    ]);
    const { validity: kept } = summariseWith({ ...late, salts: 1 }, { driver: 'wire' });
    expect(kept.reasons[0]?.message).toMatch(/give connstorm a machine of its own$/);
  });

  it('is invalid where attempts were abandoned before a derivation ended', () => {
    const empty = new Histogram().encode();
    const none = { derivations: 0, salts: 1, cache: true, shortestUs: 0, meanUs: 0, abandoned: 40 };
    const run = playSteps(1);
    for (let index = 0; index < 40; index++) run.ended(makeAttempt({ atUs: 5000 }), 'abandoned');
    const records = run.records(makeHeader({ arrivalCount: 140 }), {
      scram: { ...none, waits: empty, alone: empty },
    });
    const { scram, validity } = summarise(records);
    expect(scram).toMatchObject({ derivations: 0, abandoned: 40 });
    expect(validity.reasons).toMatchObject([
      {
        code: 'SCRAM_CPU',
        message: expect.stringContaining('40 of the 40 abandoned attempts were waiting for'),
      },
    ]);
    // As read from a file.
    for (const record of records) expect(checkRecord(record)).toBeUndefined();
  });

  it('judges the waits where it has them, with advice that fits the driver', () => {
    const late = { ...OLD, waits: encode(60_000), alone: encode(1000) };
    const { validity, warnings } = summariseWith(late, { driver: 'pg' });
    expect(validity.reasons).toMatchObject([
      {
        code: 'SCRAM_CPU',
        message: expect.stringMatching(/^logins waited for the pg .* or use the wire driver$/),
      },
    ]);
    expect(warnings).toBeUndefined();
  });

  it('warns of those that are slow without a queue', () => {
    const slow = { ...OLD, waits: encode(60_000), alone: encode(60_000) };
    const { validity, warnings } = summariseWith(slow, { driver: 'pg' });
    expect(validity.valid).toBe(true);
    expect(warnings).toMatchObject([{ code: 'SLOW_KEYS' }]);
  });
});
