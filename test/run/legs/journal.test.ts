import { expect, it } from 'vitest';
import { liftHeader } from '../../../src/result/lift.ts';
import type { ResultRecord, StreamRecord } from '../../../src/result/records/records.ts';
import { RunJournal } from '../../../src/run/legs/journal.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader } from '../../support/synthetic/synthetic-variants.ts';

const INTERVAL: StreamRecord = {
  type: 'interval',
  fromUs: 0,
  toUs: 1_000_000,
  inFlight: 0,
  open: 0,
  steps: [],
  errors: [],
  slowest: [],
};
const WATCH: StreamRecord = {
  type: 'watch',
  atUs: 500_000,
  canary: { answered: 5, meanUs: 900, maxUs: 1200 },
  witness: { connected: 1, failed: 0, maxUs: 4000 },
};
const END = { atUs: 1_000_000, stoppedBy: 'end' } as const;

/** The ends that a journal writes which was told so many looks of the kill switch in each leg. */
function play(
  header: ReturnType<typeof makeHeader> | ReturnType<typeof makeVariantsHeader>,
  looks: number[],
) {
  const written: ResultRecord[] = [];
  const writer = { append: (record: ResultRecord) => written.push(record) };
  const observer = new Proxy({}, { get: () => () => {} });
  const run = liftHeader(header);
  const variant = run.variants[0]?.name ?? '';
  const journal = new RunJournal(run, writer as never, observer as never);
  for (const [round, count] of looks.entries()) {
    const leg = { variant, round: round + 1, seed: 1, warmedUs: 0 };
    journal.legStarted(leg, new Date(0), round * 2_000_000);
    for (let at = 0; at < count; at++) journal.add(WATCH);
    journal.add(INTERVAL);
    journal.legEnded(END);
  }
  journal.finish(END);
  return written.filter(({ type }) => type === 'legEnd' || type === 'end');
}

it('tells with the end of a run how many lines of each kind there are', () => {
  expect(play(makeHeader(), [2])).toMatchObject([
    { type: 'end', records: { watch: 2, interval: 1 } },
  ]);
});

it('tells it of each leg of a run of variants', () => {
  const [first, second, end] = play(makeVariantsHeader(['a'], { rounds: 2 }), [3, 0]);
  expect(first).toMatchObject({ type: 'legEnd', records: { watch: 3, interval: 1 } });
  expect(second).toMatchObject({ type: 'legEnd', records: { interval: 1 } });
  expect(second).not.toHaveProperty('records.watch');
  expect(end).not.toHaveProperty('records');
});
