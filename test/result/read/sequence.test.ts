import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Recorder } from '../../../src/metrics/recorder.ts';
import { readResult } from '../../../src/result/read/read.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import { planSearch } from '../../support/synthetic/synthetic-capacity.ts';
import {
  makeHeader,
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../../support/synthetic/synthetic-variants.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-sequence-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Four seconds, in the third of which nothing happened; the last is cut short by the end. */
function playSteady(): ResultRecord[] {
  const run = new SyntheticRun(makeSteps(4));
  for (const step of [0, 1, 3]) {
    run.ok(makeOk(1000, { step, scheduledUs: step * SECOND_US, index: step }));
  }
  return run.records(makeHeader({ steps: makeSteps(4) }), { atUs: 4 * SECOND_US });
}

/** Three steps, none of which ends at a whole second. */
function playSearch(): ResultRecord[] {
  const header = makeHeader();
  const records: ResultRecord[] = [{ ...header, plan: planSearch(header.plan) }];
  const recorder = new Recorder({ steps: [] });
  let atUs = 1234;
  for (let index = 0; index < 3; index++) {
    const step = {
      index,
      fromUs: atUs + 50_000,
      toUs: atUs + 1_550_000,
      role: 'climb' as const,
      startRatePerSecond: 10,
      endRatePerSecond: 10,
    };
    records.push(...recorder.cut(atUs), decide(atUs, 'step'), { type: 'step', ...step });
    recorder.addStep(step);
    atUs += 1_600_777;
  }
  records.push(...recorder.cut(atUs), decide(atUs, 'done'), ...recorder.closeAll(atUs + 99));
  return [...records, { type: 'end', atUs: atUs + 99, stoppedBy: 'end' }];
}

function decide(atUs: number, next: 'step' | 'done'): ResultRecord {
  const search =
    next === 'done' ? { next } : { next, role: 'climb' as const, level: 10, durationUs: 1_500_000 };
  return { type: 'decision', atUs, decision: 'search', reason: 'a reason', search };
}

/** Two variants in two rounds; a leg has two intervals. */
function playLegs(): ResultRecord[] {
  const turns = [
    ['a', 1],
    ['b', 1],
    ['b', 2],
    ['a', 2],
  ] as const;
  return playVariants(
    makeVariantsHeader(['a', 'b'], { rounds: 2 }),
    turns.map(([variant, round]) => ({
      variant,
      round,
      latenciesUs: Array(10).fill(1000),
      also: (run) => run.recorder.noteInFlight(1.5 * SECOND_US),
      end: { atUs: 2 * SECOND_US },
    })),
  );
}

const RESULTS = { 'a steady run': playSteady(), 'a search': playSearch(), variants: playLegs() };

function read(records: readonly ResultRecord[]): { complete: boolean } {
  const path = join(folder, 'result.ndjson');
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return readResult(path, () => {});
}

/** The lines whose loss or copy is to be noticed by what comes next, from 0. */
function listGuarded(records: readonly ResultRecord[]): number[] {
  const kinds = ['interval', 'step', 'decision'];
  return records.flatMap(({ type }, index) => (kinds.includes(type) ? [index] : []));
}

describe.each(Object.entries(RESULTS))('of %s', (_, records) => {
  it('a whole file is read, and one that was cut off behind any line', () => {
    expect(read(records).complete).toBe(true);
    for (let count = 1; count < records.length; count++) {
      expect(read(records.slice(0, count)).complete).toBe(false);
    }
  });

  it('each missing interval, step or decision is noticed at a line behind it', () => {
    const guarded = listGuarded(records);
    expect(guarded.length).toBeGreaterThan(3);
    for (const index of guarded) {
      const reading = (): unknown => read(records.toSpliced(index, 1));
      expect(reading, `without line ${index + 1}`).toThrow(
        expect.objectContaining({ code: 'RESULT_BROKEN', exit: 'usage' }),
      );
      expect(reading).toThrow(/result\.ndjson:\d+ is damaged \(.* missing/);
    }
  });

  it('each interval that is there twice is noticed', () => {
    for (const [index, record] of records.entries()) {
      if (record.type !== 'interval') continue;
      const reading = (): unknown => read(records.toSpliced(index, 0, record));
      expect(reading).toThrow(`result.ndjson:${index + 2} is damaged (fromUs must be`);
    }
  });
});

describe('what is said of a missing line', () => {
  it('names the gap and the line behind it', () => {
    expect(() => read(playSteady().toSpliced(2, 1))).toThrow(
      'result.ndjson:3 is damaged (fromUs must be 1000000, where the interval before ended, got 2000000: lines are missing before it)',
    );
  });

  it('names the end where the last interval is missing', () => {
    expect(() => read(playSteady().toSpliced(4, 1))).toThrow(
      'result.ndjson:5 is damaged (atUs is 4000000, and the last interval ended at 3000000: lines are missing before it)',
    );
  });

  it('begins anew with each leg, whose first interval begins with it', () => {
    const records = playLegs();
    const leg = records.findLastIndex(({ type }) => type === 'leg');
    const first = records.findIndex(({ type }, index) => index > leg && type === 'interval');
    expect(() => read(records.toSpliced(first, 1))).toThrow(
      `result.ndjson:${first + 1} is damaged (fromUs must be 30000000, where the interval before ended, got 31000000`,
    );
  });

  it('wants no last decision of a search that was stopped', () => {
    const records = playSearch().filter(
      (record) => record.type !== 'decision' || record.search?.next !== 'done',
    );
    const end = records.at(-1) as ResultRecord & { type: 'end' };
    expect(() => read(records)).toThrow(/the decision to end the search is missing/);
    const stopped = { ...end, stoppedBy: 'signal' as const, reason: 'interrupted' };
    expect(read(records.with(-1, stopped)).complete).toBe(true);
  });
});

/** The same with looks of the kill switch, samples and the end of a step, all of which its ends count. */
function addUncovered(records: readonly ResultRecord[]): ResultRecord[] {
  const others: ResultRecord[] = [
    { type: 'probe', atUs: 0, probe: 'canary', state: 'on' },
    { type: 'sample', probe: 'canary', atUs: 9, elapsedUs: 9, answersUs: [3] },
    {
      type: 'watch',
      atUs: 9,
      canary: { answered: 1, meanUs: 3, maxUs: 3 },
      witness: { connected: 0, failed: 0, maxUs: null },
    },
    { type: 'decision', atUs: 9, decision: 'endStep', reason: 'the witness is slow' },
  ];
  let counts: Record<string, number> = {};
  return records.flatMap((record): ResultRecord[] => {
    const isEnd =
      record.type === 'legEnd' ||
      (record.type === 'end' && records[0]?.type === 'header' && records[0].version === 1);
    if (isEnd) return [{ ...record, records: counts } as ResultRecord];
    if (record.type === 'leg' || record.type === 'header') counts = {};
    const isPart = !['header', 'leg', 'end', 'summary'].includes(record.type);
    const added = record.type === 'interval' ? [record, ...others] : [record];
    for (const { type } of isPart ? added : []) counts[type] = (counts[type] ?? 0) + 1;
    return added;
  });
}

describe.each(Object.entries(RESULTS))('of %s whose end counts its lines', (_, bare) => {
  const records = addUncovered(bare);
  const kinds = ['probe', 'sample', 'watch', 'decision'];
  const uncovered = records.flatMap(({ type }, at) => (kinds.includes(type) ? [at] : []));

  it('a whole file is read', () => {
    expect(read(records).complete).toBe(true);
  });

  it('each missing sample, look of the kill switch or end of a step is noticed', () => {
    expect(uncovered.length).toBeGreaterThan(8);
    for (const index of uncovered) {
      const reading = (): unknown => read(records.toSpliced(index, 1));
      expect(reading, `without line ${index + 1}`).toThrow(
        /result\.ndjson:\d+ is damaged \(.* (missing before it|is missing)\)/,
      );
    }
  });

  it('each of them that is there twice is noticed', () => {
    for (const index of uncovered) {
      const record = records[index];
      if (record === undefined || (record.type === 'decision' && record.search)) continue;
      expect(() => read(records.toSpliced(index, 0, record))).toThrow('a line is there twice');
    }
  });

  it('a file that was cut off is read as before', () => {
    expect(read(records.slice(0, -1)).complete).toBe(false);
  });
});
