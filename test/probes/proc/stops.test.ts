import { expect, it } from 'vitest';
import { explain, findStopUs } from '../../../src/probes/proc/stops.ts';

const MS = 1000;

it.each([
  { what: 'the timer came in time', elapsedMs: 101, explainedMs: 1, stopMs: 0 },
  { what: 'a pause too short to tell', elapsedMs: 140, explainedMs: 1, stopMs: 0 },
  { what: 'the thread worked all the time', elapsedMs: 600, explainedMs: 590, stopMs: 0 },
  { what: 'it waited for a CPU', elapsedMs: 600, explainedMs: 545, stopMs: 0 },
  { what: 'nothing explains it', elapsedMs: 610, explainedMs: 10, stopMs: 500 },
])(
  'a look after $elapsedMs ms of which $explainedMs are explained finds a stop of $stopMs ms: $what',
  ({ elapsedMs, explainedMs, stopMs }) => {
    expect(findStopUs(elapsedMs * MS, explainedMs * MS)).toBe(stopMs * MS);
  },
);

it.each([
  ['the thread told both times', { threadUs: 100 }, { threadUs: 250 }, true, 150],
  ['a system that never tells: the process instead', {}, {}, false, 30],
  // As when no descriptor is left to read /proc with: a process's total less a thread's is neither.
  ['the thread told first alone', { threadUs: 5_000_000 }, {}, true, undefined],
  ['the thread told last alone', {}, { threadUs: 250 }, true, undefined],
  ['the thread told once, long ago', {}, {}, true, undefined],
])('what explains the time between two looks: %s', (_, before, now, knowsThread, expected) => {
  const unread = { threadUs: undefined };
  const earlier = { atUs: 0, processUs: 1000, ...unread, ...before };
  const later = { atUs: 100_000, processUs: 1030, ...unread, ...now };
  expect(explain(earlier, later, knowsThread)).toBe(expected);
});
