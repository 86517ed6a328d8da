import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import { LiveView } from '../../../src/report/live/live.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import type { EventRecord, PlannedEventRecord } from '../../../src/result/records/events.ts';
import type { HeaderRecord } from '../../../src/result/records/header.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import {
  makeHeader,
  makeOk,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';

const PLANNED: PlannedEventRecord[] = [
  { kind: 'restart', atUs: 2.5 * SECOND_US, allowUs: 60 * SECOND_US, text: 'restart fast' },
  { kind: 'exec', atUs: 7 * SECOND_US, allowUs: 60 * SECOND_US, text: 'exec "./failover.sh"' },
];
const RESTART = {
  type: 'event',
  index: 0,
  kind: 'restart',
  fromUs: 2.5 * SECOND_US,
  allowUntilUs: 62.5 * SECOND_US,
} as const;
const EXEC = {
  type: 'event',
  index: 1,
  kind: 'exec',
  fromUs: 7 * SECOND_US,
  allowUntilUs: 67 * SECOND_US,
} as const;
const EVENTS: EventRecord[] = [
  { ...RESTART, state: 'begun' },
  {
    ...RESTART,
    state: 'done',
    stoppedUs: 2.6 * SECOND_US,
    toUs: 2.7 * SECOND_US,
    detail: 'the postmaster is process 9 now',
  },
  { ...EXEC, state: 'begun' },
  { ...EXEC, state: 'failed', toUs: 8 * SECOND_US, reason: 'its exit code is 7\x1b[2J' },
];

function play(events: readonly EventRecord[]) {
  const rates = { startRatePerSecond: 10, endRatePerSecond: 10 };
  const steps = [{ index: 0, fromUs: 0, toUs: 10 * SECOND_US, ...rates }];
  const run = new SyntheticRun(steps);
  for (let i = 0; i < 100; i++) run.ok(makeOk(2000, { index: i, scheduledUs: i * 100_000 }));
  const made = makeHeader({ steps, arrivalCount: 100 });
  const header: HeaderRecord = { ...made, version: 3, plan: { ...made.plan, events: PLANNED } };
  const fold = createSummary(header);
  for (const record of [...events, ...run.records(header).slice(1)]) fold.add(record);
  return { header, summary: fold.finish() as SummaryRecord };
}

const render = (events: readonly EventRecord[]): string =>
  renderReport(play(events), { columns: 120, colour: false, resultPath: null });

describe('the events of a report', () => {
  it('have a line each, with what they did or why they failed', () => {
    const report = render(EVENTS);
    expect(report).toContain(
      'event at 2.50 s: restart fast, stopped after 100 ms, done after 200 ms: the postmaster is process 9 now\n' +
        'event at 7.00 s: exec "./failover.sh", failed after 1.00 s: its exit code is 7\\x1b[2J\n',
    );
  });

  it('are marks in the table of windows', () => {
    const rows = render(EVENTS)
      .split('\n')
      .filter((line) => /^(window|\d+-\d+ s) /.test(line))
      .map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]?.at(-1)).toBe('events');
    const marks = Object.fromEntries(rows.map((row) => [row[0], row.at(-1)]));
    expect(marks).toMatchObject({
      '1-2 s': '-',
      '2-3 s': 'restart',
      '7-8 s': 'exec',
      '8-9 s': '-',
    });
  });

  it('are told to be unfinished where a file ends in one', () => {
    expect(render(EVENTS.slice(0, 1))).toContain(
      'event at 2.50 s: restart fast, and the file ends before the event did\n',
    );
  });

  it('change nothing in a report without any', () => {
    expect(render([])).not.toContain('event');
  });
});

it('are told by the live view when they begin and when they have ended', () => {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 200 });
  const view = new LiveView(stream, { quiet: false, colour: false, redraw: false });
  view.started(play([]).header);
  for (const event of EVENTS) view.event(event);
  expect(String(stream.read())).toBe(
    'at 2.50 s: restart fast begins\n' +
      'at 2.70 s: restart fast is done: the postmaster is process 9 now\n' +
      'at 7.00 s: exec "./failover.sh" begins\n' +
      'at 8.00 s: exec "./failover.sh" has failed: its exit code is 7\\x1b[2J\n',
  );
});
