import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { HeaderRecord, StepRecord } from '../../src/result/records/header.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import {
  makeHeader,
  makeOk,
  REFUSED,
  SECOND_US,
  SyntheticRun,
} from '../support/synthetic/synthetic-run.ts';

/** A block of arrivals and one of clients, side by side. */
const STEPS: StepRecord[] = [
  { index: 0, block: 0, loop: 'open', fromUs: 0, toUs: SECOND_US },
  {
    index: 1,
    block: 1,
    loop: 'closed',
    fromUs: 0,
    toUs: SECOND_US,
    startClients: 2,
    endClients: 0,
    mostClients: 8,
  },
];

function summarise(
  fill: (run: SyntheticRun) => void,
  plan: Partial<HeaderRecord['plan']> = {},
): { summary: SummaryRecord; text: string } {
  const made = makeHeader({ steps: STEPS });
  const blocks = [
    { name: 'herd', executor: 'burst', fromUs: 0, toUs: SECOND_US },
    { name: 'regulars', executor: 'ramping-clients', fromUs: 0, toUs: SECOND_US },
  ];
  const header = { ...made, plan: { ...made.plan, blocks, ...plan } };
  const run = new SyntheticRun(STEPS);
  fill(run);
  const [first, ...records] = run.records(header);
  const due = run.recorder.accounting().accounting.due;
  const closed = plan.clientCount === undefined ? 0 : 3;
  const known = { ...(first as HeaderRecord).plan, arrivalCount: due - closed };
  const fold = createSummary({ ...header, plan: known });
  for (const record of records) fold.add(record);
  const summary = fold.finish();
  const options = { columns: 100, colour: false, resultPath: null };
  return { summary, text: renderReport({ summary, header: { ...header, plan: known } }, options) };
}

describe('open and closed blocks side by side', () => {
  const { summary, text } = summarise(
    (run) => {
      for (let index = 0; index < 5; index++) run.ok(makeOk(4_000, { index }));
      for (let index = 0; index < 3; index++) run.ok(makeOk(9_000, { index, step: 1 }));
      run.dropped(2);
    },
    { clientCount: 8 },
  );

  it('have latency of the open ones alone, and service time of all', () => {
    expect(summary.metrics.latency).toMatchObject({ count: 5, censored: 2 });
    expect(summary.metrics.lateness?.count).toBe(7);
    expect(summary.metrics.serviceTime?.count).toBe(8);
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });

  it('are told by name, the closed one by its clients and its service time', () => {
    expect(text).toMatch(/herd 0-1 s +7 at once +in 4\.00 ms +5 +4\.00 ms/);
    expect(text).toMatch(/regulars 0-1 s +up to 8 clients +3\.00\/s +3 +9\.00 ms/);
    expect(text).toContain('7 arrivals and up to 8 clients in 1 s');
    expect(text).toContain('arrivals and cycles: 10 due = 8 begun + 2 dropped');
    expect(text.replace(/\s+/g, ' ')).toContain('a closed loop has no schedule');
  });
});

describe('a burst', () => {
  const TAKEN = [1_000, 900_000, 4_800_000];

  function tellBurst(step: Partial<StepRecord>) {
    const steps = [{ index: 0, fromUs: 0, toUs: SECOND_US, ...step }];
    const made = makeHeader({ steps, arrivalCount: TAKEN.length });
    const header = { ...made, plan: { ...made.plan, executor: 'burst' } };
    const run = new SyntheticRun(steps);
    for (const [index, us] of TAKEN.entries()) run.ok(makeOk(us, { index }));
    const fold = createSummary(header);
    for (const record of run.records(header).slice(1)) fold.add(record);
    const summary = fold.finish();
    const text = renderReport(
      { summary, header },
      { columns: 100, colour: false, resultPath: null },
    );
    return { summary, text };
  }

  it('tells how long its last client took, not the rate of a second that nobody chose', () => {
    const { summary, text } = tellBurst({});
    expect(summary.steps).toMatchObject([{ lastConnectedUs: 4_800_000 }]);
    expect(text).toContain('steady: burst, 3 at once, seed 7');
    expect(text).toContain('3 at once, 3 connected, the last client 4.80 s after the burst began');
    expect(text).not.toContain('achieved');
  });

  it('within a window tells the window', () => {
    const { text } = tellBurst({ startRatePerSecond: 6, endRatePerSecond: 6 });
    expect(text).toContain('3 within 500 ms, 3 connected, the last client 4.80 s after');
  });
});

describe('sessions', () => {
  it('are told with their ledger, goodput and the largest storm', () => {
    const { text, summary } = summarise(
      (run) => {
        const { recorder } = run;
        const ends = { step: 0, wishUs: 0, isReconnect: false };
        for (let index = 0; index < 4; index++)
          recorder.recordSessionBegun({ step: 0, wishUs: 0, atUs: 0, isReconnect: false });
        for (let index = 0; index < 3; index++) {
          run.ok(makeOk(4_000, { index }));
          recorder.recordSessionEnded({ ...ends, atUs: 4_000, attempts: 1 }, 'connected');
        }
        run.ended(makeOk(4_000, { index: 3 }), 'failed', REFUSED);
        recorder.recordSessionEnded({ ...ends, atUs: 4_000, attempts: 1 }, 'gaveUp');
        const back = { step: 0, wishUs: 100_000, isReconnect: true };
        recorder.recordSessionBegun({ step: 0, wishUs: 100_000, atUs: 100_000, isReconnect: true });
        recorder.recordRetried(0, 100_000, 0);
        recorder.recordOk(makeOk(50_000, { scheduledUs: 100_000 }));
        recorder.recordConnectionEnd(0, 150_000, 'closed');
        recorder.recordSessionEnded({ ...back, atUs: 150_000, attempts: 1 }, 'connected');
      },
      { goalUs: 10_000 },
    );
    expect(text).toContain('sessions: 5 begun = 4 connected + 1 gave up; 1.25 attempts for each');
    expect(text).toMatch(/^goodput: .* connected within 10 ms .*\/s over 1 s$/m);
    expect(text).toContain(
      'reconnects: 1 cut together = 1 back; the last was back 50.0 ms after the',
    );
    expect(summary.sessions?.reconnect).toMatchObject({ cut: 1, back: 1, allBackUs: 50_000 });
    // One that gave up ranks behind those that were connected.
    expect(summary.metrics.sessionLatency).toMatchObject({ count: 4, censored: 1 });
    expect(summary.metrics.sessionLatency?.atLeast).toContain('maxUs');
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });
});
