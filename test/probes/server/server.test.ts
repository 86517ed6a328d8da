import { describe, expect, it } from 'vitest';
import { describeCounters, readActivity, readCounters } from '../../../src/probes/server/server.ts';

const ROW = {
  sessions: '1000',
  sessions_abandoned: '3',
  sessions_fatal: '2',
  sessions_killed: '1',
};

describe("the database's counters", () => {
  it.each([
    [
      '18',
      { ...ROW, parallel_workers_launched: '7' },
      { sessions: 1000, parallel_workers_launched: 7 },
    ],
    ['14', ROW, { sessions: 1000, sessions_killed: 1 }],
  ])('of PostgreSQL %s are numbers', (_, row, expected) => {
    expect(readCounters(row)).toMatchObject(expected);
  });

  it('are none where the server has none (13), or hides them', () => {
    expect(readCounters({ none: null })).toEqual({});
    expect(readCounters({ sessions: null })).toEqual({});
  });

  it('are told as what came in between', () => {
    const before = readCounters({ ...ROW, parallel_workers_launched: '7' });
    const now = readCounters({ ...ROW, sessions: '1400', parallel_workers_launched: '9' });
    expect(describeCounters(before, now)).toEqual({
      sessions: { started: 400, abandoned: 0, fatal: 0, killed: 0 },
      parallelWorkers: 2,
    });
  });

  it('are not told where one look lacks them, or somebody has reset them', () => {
    const whole = readCounters(ROW);
    expect(describeCounters({}, whole)).toEqual({});
    expect(describeCounters(whole, {})).toEqual({});
    expect(describeCounters(whole, { ...whole, sessions: 4 })).toEqual({});
  });
});

it.each([
  [
    [
      { state: 'active', count: 3 },
      { state: 'idle', count: 12 },
    ],
    { activity: { active: 3, idle: 12 } },
  ],
  [[], { activity: {} }],
  // Of something that answers every question with a 1.
  [[{ '?column?': '1' }], {}],
  [[{ state: 'idle', count: null }], {}],
])('backends by state, of rows %j, are %j', (rows, expected) => {
  expect(readActivity(rows)).toEqual(expected);
});
