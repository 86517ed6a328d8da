import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { liftHeader, lowerHeader } from '../../src/result/lift.ts';
import { readResult } from '../../src/result/read/read.ts';
import type { BackgroundRecord } from '../../src/result/records/background.ts';
import type { EventRecord } from '../../src/result/records/events.ts';
import type { AnyHeader } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import {
  makeHeader,
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EVENTS = [{ at: '1s', do: 'restart', mode: 'fast', allow: '60s' }];
const BACKGROUND = { ask: { activity: 'queries', clients: 2 } };
const BEGUN: EventRecord = {
  type: 'event',
  index: 0,
  kind: 'restart',
  state: 'begun',
  fromUs: SECOND_US,
  allowUntilUs: 61 * SECOND_US,
};
const DONE: EventRecord = {
  ...BEGUN,
  state: 'done',
  toUs: 1.2 * SECOND_US,
  detail: 'the new postmaster is 4711',
};

function makeEventHeader(): AnyHeader {
  const header = makeHeader({ steps: makeSteps(2) });
  const spec = { ...header.spec, events: EVENTS, background: BACKGROUND };
  const [atUs, allowUs] = [SECOND_US, 60 * SECOND_US];
  const events = [{ kind: 'restart' as const, atUs, allowUs, text: 'restart fast' }];
  return lowerHeader(liftHeader({ ...header, spec, plan: { ...header.plan, events } }));
}

/** A run of two seconds with these records. */
function play(events: readonly (EventRecord | BackgroundRecord)[], isWhole = true): ResultRecord[] {
  const run = new SyntheticRun(makeSteps(2)).ok(makeOk(1000, { step: 0, scheduledUs: 5 }));
  const header = makeHeader({ steps: makeSteps(2), arrivalCount: 1 });
  const [, ...records] = run.records(header, { atUs: 2 * SECOND_US });
  const rest = isWhole ? records : records.filter(({ type }) => type !== 'end');
  return [makeEventHeader(), ...events, ...rest.filter(({ type }) => type !== 'summary')];
}

function read(records: readonly ResultRecord[]): ResultRecord[] {
  const path = join(folder, 'result.ndjson');
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const seen: ResultRecord[] = [];
  readResult(path, (record) => seen.push(record));
  return seen;
}

function summarise([header, ...records]: readonly ResultRecord[]) {
  const fold = createSummary(header as AnyHeader);
  for (const record of records) fold.add(record);
  return fold.finish();
}

describe('the version of a result', () => {
  it.each([
    ['events', { events: EVENTS }],
    ['background', { background: { held: { connections: 5 } } }],
  ])('is 3 with %s, alone and with variants, and both are read', (_, beside) => {
    const lone = makeHeader();
    const header = lowerHeader(liftHeader({ ...lone, spec: { ...lone.spec, ...beside } }));
    expect(header).toMatchObject({ version: 3, plan: {} });
    expect(liftHeader(header)).toMatchObject({ isLone: true });
    expect(read([header])).toEqual([header]);
    const specs = { b: { ...lone.spec, ...beside } };
    const several = lowerHeader(liftHeader(makeVariantsHeader(['a', 'b'], { specs })));
    expect(several).toMatchObject({ version: 3, variants: [{ name: 'a' }, { name: 'b' }] });
    expect(liftHeader(several)).toMatchObject({ isLone: false });
    expect(read([several])).toEqual([several]);
  });

  it('is as before where the list of events and the map of activities are empty', () => {
    const lone = makeHeader();
    const spec = { ...lone.spec, events: [], background: {} };
    expect(lowerHeader(liftHeader({ ...lone, spec })).version).toBe(1);
    const specs = { a: spec };
    expect(lowerHeader(liftHeader(makeVariantsHeader(['a'], { specs }))).version).toBe(2);
  });
});

describe('a file with events', () => {
  it('is read, and its summary lists each event once, with its end', () => {
    const records = play([BEGUN, DONE]);
    expect(read(records)).toEqual(records);
    const { type: _, ...told } = DONE;
    expect(summarise(records)).toMatchObject({ events: [{ ...told, round: 1 }] });
  });

  it('that was cut off says of the event that it is unfinished', () => {
    expect(summarise(play([BEGUN], false))).toMatchObject({
      events: [{ index: 0, state: 'unfinished' }],
    });
  });

  it.each<[string, EventRecord[], string]>([
    ['the end alone', [DONE], 'event 0 ends, and its beginning is missing'],
    ['two beginnings', [BEGUN, BEGUN, DONE], 'event 0 begins a second time'],
    ['two ends', [BEGUN, DONE, DONE], 'event 0 ends a second time'],
    ['no end', [BEGUN], 'the end of event 0 is missing'],
    [
      'an end that is no time',
      [BEGUN, { ...BEGUN, state: 'done' }],
      'toUs is missing, and state is done',
    ],
    ['an end before it', [BEGUN, { ...DONE, toUs: 5 }], 'toUs 5 is before fromUs 1000000'],
    [
      'an event that is not planned',
      [{ ...BEGUN, index: 1 }],
      'event 1 is restart, and the plan has no such event',
    ],
    [
      'another kind than is planned',
      [{ ...BEGUN, kind: 'stall' }],
      'event 0 is stall, and the plan says restart',
    ],
    [
      'a stop before it',
      [BEGUN, { ...DONE, stoppedUs: 5 }],
      'stoppedUs 5 is not between fromUs 1000000 and toUs 1200000',
    ],
    ['an unknown kind', [{ ...BEGUN, kind: 'flood' as 'stall' }], 'kind must be one of restart, '],
  ])('with %s is damaged', (_, events, why) => {
    expect(() => read(play(events))).toThrow(why);
  });
});

describe('a file with a background', () => {
  const acts = { due: 5, done: 3, failed: 0, skipped: 1, cancelled: 0 };
  const first: BackgroundRecord = {
    type: 'background',
    name: 'ask',
    activity: 'queries',
    fromUs: 0,
    toUs: SECOND_US,
    actingUs: SECOND_US,
    acts,
    inFlight: 1,
    errors: [],
  };
  const second = { ...first, acts: { ...acts, done: 4 }, inFlight: 1 };

  it('is read', () => {
    const records = play([first, second]);
    expect(read(records)).toEqual(records);
  });

  it.each<[string, BackgroundRecord[], string]>([
    [
      'an activity that the scenario does not have',
      [{ ...first, name: 'toString' }],
      'background "toString" is queries, and the scenario has no such activity',
    ],
    [
      'an activity of another kind',
      [{ ...first, activity: 'held' }],
      'background "ask" is held, and the scenario says queries',
    ],
    [
      'acts that do not add up',
      [first, { ...second, inFlight: 2 }],
      'acts of "ask": 1 under way before + 5 due must be 4 done + 0 failed + 1 skipped + 0 cancelled + 2 under way',
    ],
  ])('with %s is damaged', (_, records, why) => {
    expect(() => read(play(records))).toThrow(why);
  });
});

it('lists events by variant and round, each with the times of its own leg', () => {
  const specs = { a: { ...makeHeader().spec, events: EVENTS } };
  const header = lowerHeader(liftHeader(makeVariantsHeader(['a'], { rounds: 2, specs })));
  const leg = { variant: 'a', latenciesUs: Array(10).fill(1000) };
  const records = playVariants(header as Parameters<typeof playVariants>[0], [
    { ...leg, round: 1 },
    { ...leg, round: 2 },
  ]);
  const shifted = records.flatMap((record): ResultRecord[] => {
    if (record.type !== 'leg') return [record];
    const by = record.fromUs;
    return [
      record,
      { ...BEGUN, fromUs: 5 + by, allowUntilUs: 9 + by },
      { ...DONE, fromUs: 5 + by, toUs: 7 + by, allowUntilUs: 9 + by },
    ];
  });
  const of = (round: number) =>
    expect.objectContaining({ round, fromUs: 5, toUs: 7, state: 'done' });
  expect(summarise(shifted)).toMatchObject({
    variants: {
      a: { events: [of(1), of(2)], rounds: [{ events: [of(1)] }, { events: [of(2)] }] },
    },
  });
});
