import { describe, expect, it } from 'vitest';
import { Recorder } from '../../src/metrics/recorder.ts';
import { Histogram } from '../../src/model/histogram.ts';
import type { EncodedHistogram } from '../../src/model/measures.ts';
import type { IntervalRecord } from '../../src/result/records/intervals.ts';
import {
  makeAttempt,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  TIMEOUT,
} from '../support/synthetic/synthetic-run.ts';

function valuesOf(encoded: EncodedHistogram | undefined): number[] {
  if (encoded === undefined) return [];
  const histogram = Histogram.decode(encoded);
  return Array.from({ length: histogram.count }, (_, i) => histogram.valueAtRank(i + 1));
}

function onlyStep(records: IntervalRecord[]) {
  const [part, ...others] = records.flatMap(({ steps }) => steps);
  expect(others).toEqual([]);
  if (part === undefined) throw new Error('no step was recorded');
  return part;
}

describe('Recorder', () => {
  it('counts an ok attempt with its latency, service time and phases', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordBegun(0, 100, 100);
    recorder.recordOk(makeOk(1100, { latenessUs: 100 }));
    const part = onlyStep(recorder.closeAll(SECOND_US));
    expect(part.counts).toMatchObject({ due: 1, begun: 1, started: 1, ok: 1, failed: 0 });
    expect(part).toMatchObject({ completed: 1, boundaries: { sslrequest: 1 } });
    const { latency, serviceTime, lateness, tcp, spawn, tls, auth, ready } = part.histograms;
    expect([latency, serviceTime, lateness].flatMap(valuesOf)).toEqual([1100, 1000, 100]);
    expect([tcp, spawn, auth, ready].flatMap(valuesOf)).toEqual([100, 500, 100, 300]);
    expect(tls).toBeUndefined();
  });

  it("keeps the server's own times, and what the shortest round trip so far leaves of the wait", () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const times = { serverSetupUs: 600, serverForkUs: 100, serverAuthUs: 200 };
    recorder.recordOk({ ...makeOk(2000), ...times });
    recorder.recordOk(makeOk(1000));
    recorder.recordOk({ ...makeOk(3000), ...times });
    recorder.recordBackendAge(0, 4000, { elapsedUs: 4000, tcpUs: 300, serverUs: 3000 });
    const part = onlyStep(recorder.closeAll(SECOND_US));
    expect(part.serverTimes).toEqual({ told: 2, sampled: 1 });
    const { serverSetup, serverFork, serverAuth, queueWait, queueWaitEstimate } = part.histograms;
    expect([serverSetup, serverFork, serverAuth].map(valuesOf)).toEqual([
      [600, 600],
      [100, 100],
      [200, 200],
    ]);
    // tcp is a tenth: 2000 - 200 - 600 - 200, and 3000 - 300 - 600 - 100.
    expect(valuesOf(queueWait)).toEqual([1000, 2000]);
    expect(valuesOf(queueWaitEstimate)).toEqual([600]);
  });

  it('counts a connect as complete with its first answer where that is asked for, and in flight until then', () => {
    const recorder = new Recorder({ steps: makeSteps(1), completes: 'firstQuery' });
    for (const index of [0, 1, 2]) {
      recorder.recordBegun(0, 0, 0);
      recorder.recordOk(makeOk(1000, { index }));
    }
    recorder.noteInFlight(50_000);
    recorder.recordFirstQuery(0, 60_000, { scheduledUs: 60_000, startUs: 60_000, readyUs: 59_000 });
    recorder.noteInFlight(150_000);
    recorder.recordConnectionEnd(0, 170_000, 'queryFailed', REFUSED);
    recorder.noteInFlight(250_000);
    recorder.recordConnectionEnd(0, 260_000, 'closed');
    // It comes after its step's time.
    recorder.recordFirstQuery(0, SECOND_US + 1, {
      scheduledUs: SECOND_US + 1,
      startUs: SECOND_US + 1,
      readyUs: SECOND_US,
    });
    const [first, second] = recorder.closeAll(2 * SECOND_US);
    expect(first?.inFlightSamples).toEqual([3, 2, 1]);
    expect(first?.steps[0]?.completed).toBe(1);
    expect(second?.steps[0]?.completed).toBe(0);
  });

  it('counts a connect as complete when it is usable where that is asked for, and in flight until then', () => {
    const recorder = new Recorder({ steps: makeSteps(1), completes: 'usable', tellsUsable: true });
    for (const index of [0, 1]) {
      recorder.recordBegun(0, 0, 0);
      recorder.recordOk(makeOk(1000, { index }));
    }
    recorder.recordFirstQuery(0, 60_000, { scheduledUs: 60_000, startUs: 60_000, readyUs: 59_000 });
    recorder.noteInFlight(70_000);
    recorder.recordUsable(0, 80_000, { scheduledUs: 80_000, startUs: 79_000 });
    recorder.noteInFlight(90_000);
    const [first] = recorder.closeAll(SECOND_US);
    expect(first?.inFlightSamples).toEqual([2, 1]);
    expect(first?.steps[0]?.completed).toBe(1);
    expect(valuesOf(first?.steps[0]?.histograms.usable)).toEqual([80_000]);
    expect(valuesOf(first?.steps[0]?.histograms.usableServiceTime)).toEqual([79_000]);
  });

  it('shows that connections were to become usable, even where none did', () => {
    const recorder = new Recorder({ steps: makeSteps(1), tellsUsable: true });
    recorder.recordOk(makeOk(1000));
    const { histograms } = onlyStep(recorder.closeAll(SECOND_US));
    expect(histograms.usable).toMatchObject({ count: 0 });
    expect(histograms.usableServiceTime).toMatchObject({ count: 0 });
  });

  it('says nothing of server times where none were told', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordOk(makeOk(1000));
    const part = onlyStep(recorder.closeAll(SECOND_US));
    expect(part).not.toHaveProperty('serverTimes');
    expect(part.histograms).not.toHaveProperty('queueWait');
  });

  it.each([
    { outcome: 'failed', failure: REFUSED, failed: [700], censored: [], timedOut: 0 },
    { outcome: 'failed', failure: TIMEOUT, failed: [700], censored: [700], timedOut: 1 },
    { outcome: 'cancelled', failure: undefined, failed: [], censored: [700], timedOut: 0 },
    { outcome: 'abandoned', failure: undefined, failed: [], censored: [700], timedOut: 0 },
    { outcome: 'lost', failure: undefined, failed: [], censored: [], timedOut: 0 },
  ] as const)('keeps the durations of $outcome attempts ($failure.code)', (row) => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const attempt = makeAttempt({ startUs: 200, atUs: 700 });
    recorder.recordEnded(attempt, row.outcome, row.failure);
    const { counts, timedOut, histograms } = onlyStep(recorder.closeAll(SECOND_US));
    expect(counts[row.outcome]).toBe(1);
    expect(timedOut).toBe(row.timedOut);
    expect(valuesOf(histograms.failedLatency)).toEqual(row.failed);
    expect(valuesOf(histograms.censoredLatency)).toEqual(row.censored);
    expect(valuesOf(histograms.censoredServiceTime)).toEqual(row.censored.map(() => 500));
  });

  it('keeps no wait of a server time that began before its attempt, and counts it', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const older = { serverSetupUs: 9000, serverForkUs: 100, serverAuthUs: 200 };
    recorder.recordOk({ ...makeOk(2000), ...older });
    recorder.recordBackendAge(0, 4000, { elapsedUs: 4000, tcpUs: 300, serverUs: 3_600_000_000 });
    const part = onlyStep(recorder.closeAll(SECOND_US));
    expect(part.serverTimes).toEqual({ told: 0, sampled: 0, older: 2 });
    const { serverSetup, queueWait, queueWaitEstimate } = part.histograms;
    expect([serverSetup, queueWait, queueWaitEstimate]).toEqual([undefined, undefined, undefined]);
  });

  it('keeps what the server said in the interval that it said it in', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const said = { severity: 'WARNING', code: '01000', message: 'deprecated' };
    recorder.recordNotice(100, said);
    recorder.recordNotice(200, said);
    recorder.recordNotice(SECOND_US + 1, { code: '00000', message: 'queued' });
    const [first, second, ...others] = recorder.closeAll(3 * SECOND_US);
    expect(first?.notices).toEqual([{ ...said, count: 2 }]);
    expect(second?.notices).toEqual([
      { severity: null, code: '00000', message: 'queued', count: 1 },
    ]);
    for (const other of others) expect(other).not.toHaveProperty('notices');
  });

  it('counts an attempt in the step of its arrival and as completed in that of its end', () => {
    const recorder = new Recorder({ steps: makeSteps(2) });
    recorder.recordOk(makeOk(1_500_000, { step: 0 }));
    const [first, second] = recorder.closeAll(2 * SECOND_US);
    expect(first?.steps).toEqual([]);
    expect(second?.steps).toMatchObject([
      { step: 0, counts: { ok: 1 }, completed: 0 },
      { step: 1, counts: { ok: 0 }, completed: 1 },
    ]);
  });

  it('knows when the last was connected, of sessions without those that came back', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const connect = (atUs: number, isReconnect: boolean): void => {
      recorder.recordSessionBegun({ step: 0, wishUs: 0, atUs: 0, isReconnect: isReconnect });
      const session = { step: 0, wishUs: 0, atUs, attempts: 1, isReconnect };
      recorder.recordSessionEnded(session, 'connected');
      recorder.recordOk(makeOk(atUs));
    };
    connect(300, false);
    connect(200, false);
    connect(900, true);
    expect(onlyStep(recorder.closeAll(SECOND_US)).lastConnectedUs).toBe(300);
    const without = new Recorder({ steps: makeSteps(1) });
    for (const us of [300, 900, 200]) without.recordOk(makeOk(us));
    expect(onlyStep(without.closeAll(SECOND_US)).lastConnectedUs).toBe(900);
  });

  it('completes nothing after the last step', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordOk(makeOk(1_500_000));
    expect(onlyStep(recorder.closeAll(2 * SECOND_US)).completed).toBe(0);
  });

  it('closes every interval that has ended, empty ones too, and tells what is under way', () => {
    const recorder = new Recorder({ steps: makeSteps(3) });
    recorder.recordBegun(0, 10, 0);
    recorder.recordBegun(0, 20, 0);
    recorder.recordOk(makeOk(2_500_000));
    expect(recorder.closeIntervals(-5)).toEqual([]);
    expect(recorder.closeIntervals(2 * SECOND_US)).toMatchObject([
      { fromUs: 0, toUs: SECOND_US, inFlight: 2, open: 0 },
      { fromUs: SECOND_US, toUs: 2 * SECOND_US, inFlight: 2, steps: [], errors: [] },
    ]);
    recorder.recordConnectionEnd(0, 2_700_000, 'closed');
    const rest = recorder.closeAll(2_800_000);
    expect(rest).toMatchObject([{ fromUs: 2 * SECOND_US, toUs: 2_800_000, inFlight: 1, open: 0 }]);
  });

  it('keeps an event whose interval is closed in the oldest open one', () => {
    const recorder = new Recorder({ steps: makeSteps(2) });
    recorder.closeIntervals(SECOND_US);
    recorder.recordDropped(0, 999_999, 0);
    const [record] = recorder.closeAll(2 * SECOND_US);
    expect(record).toMatchObject({ fromUs: SECOND_US, steps: [{ counts: { dropped: 1 } }] });
  });

  it('loses no event that came after the end it is given', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordDropped(0, 2_300_000, 0);
    const records = recorder.closeAll(500_000);
    expect(records.map(({ fromUs, toUs }) => [fromUs, toUs])).toEqual([
      [0, SECOND_US],
      [SECOND_US, 2 * SECOND_US],
      [2 * SECOND_US, 3 * SECOND_US],
    ]);
    expect(() => recorder.recordDropped(0, 0, 0)).toThrow(/closed/);
  });

  it('writes nothing for a run that ended at its start', () => {
    expect(new Recorder({ steps: makeSteps(1) }).closeAll(0)).toEqual([]);
  });

  it('keeps the slowest attempts of an interval, slowest first, and no more than asked', () => {
    const recorder = new Recorder({ steps: makeSteps(1), slowestKept: 3 });
    for (let us = 1; us <= 50; us++) recorder.recordOk(makeOk(((us * 7) % 53) * 1000));
    const slowest = recorder.closeAll(SECOND_US).flatMap((record) => record.slowest);
    expect(slowest.map(({ latencyUs }) => latencyUs)).toEqual([52_000, 51_000, 50_000]);
    for (const { latencyUs, latenessUs, phases } of slowest) {
      const sum = Object.values(phases).reduce((total, us) => total + us, latenessUs);
      expect(sum).toBe(latencyUs);
      expect(phases).not.toHaveProperty('tls');
    }
  });

  it('keeps failures before and after ReadyForQuery in ledgers of their own', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordEnded(makeAttempt(), 'failed', REFUSED);
    recorder.recordEnded(makeAttempt(), 'failed', REFUSED);
    recorder.recordConnectionEnd(0, 10, 'queryFailed', REFUSED);
    const [record] = recorder.closeAll(SECOND_US);
    expect(record?.errors).toMatchObject([
      { ...REFUSED, ledger: 'attempt', count: 2 },
      { ...REFUSED, ledger: 'connection', count: 1 },
    ]);
  });

  it('counts failures of this machine by their code', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    const failure = { layer: 'local', phase: 'tcp', code: 'EMFILE', message: 'connect' } as const;
    recorder.recordEnded(makeAttempt(), 'failed', failure);
    expect(onlyStep(recorder.closeAll(SECOND_US)).localFailures).toEqual({ EMFILE: 1 });
  });

  it('has the totals of closed and open intervals', () => {
    const recorder = new Recorder({ steps: makeSteps(2) });
    recorder.recordBegun(0, 10, 0);
    recorder.recordOk(makeOk(20));
    recorder.closeIntervals(SECOND_US);
    recorder.recordBegun(1, SECOND_US, 0);
    recorder.recordDropped(1, SECOND_US, 70);
    const { accounting, connections } = recorder.accounting();
    expect(accounting).toMatchObject({ due: 3, begun: 2, dropped: 1, ok: 1, inFlight: 1 });
    expect(connections).toMatchObject({ opened: 1, open: 1 });
  });

  it('keeps closes whose FIN was seen apart from those that waited in vain', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordClose(0, 900, 300, true);
    recorder.recordClose(0, 950, 400, false);
    const { close, censoredClose } = onlyStep(recorder.closeAll(SECOND_US)).histograms;
    expect([valuesOf(close), valuesOf(censoredClose)]).toEqual([[300], [400]]);
  });

  it('records the first query since its arrival, since its start and since ReadyForQuery', () => {
    const recorder = new Recorder({ steps: makeSteps(1) });
    recorder.recordFirstQuery(0, 500, { scheduledUs: 450, startUs: 400, readyUs: 50 });
    const { histograms } = onlyStep(recorder.closeAll(SECOND_US));
    const { firstQuery, firstQueryServiceTime, query } = histograms;
    expect([firstQuery, firstQueryServiceTime, query].flatMap(valuesOf)).toEqual([450, 400, 50]);
  });

  it('keeps ten numbers of attempts in flight an interval, and none from before T0', () => {
    const recorder = new Recorder({ steps: makeSteps(2) });
    recorder.noteInFlight(-1);
    for (let i = 0; i < 12; i++) {
      recorder.recordBegun(0, i * 80_000, 0);
      recorder.noteInFlight(i * 80_000);
    }
    recorder.noteInFlight(SECOND_US);
    const samples = recorder.closeAll(2 * SECOND_US).map((record) => record.inFlightSamples);
    expect(samples).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [12]]);
  });
});
