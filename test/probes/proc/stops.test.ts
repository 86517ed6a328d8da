import { expect, it } from 'vitest';
import { explain, findStopUs, type OwnTimes, StopWatch } from '../../../src/probes/proc/stops.ts';

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
  const earlier = { fromUs: 0, toUs: 0, processUs: 1000, ...unread, ...before };
  const later = { fromUs: 100_000, toUs: 100_000, processUs: 1030, ...unread, ...now };
  expect(explain(earlier, later, knowsThread)).toBe(expected);
});

// Milliseconds: when a reading began and ended, and how long the thread had run or waited for a CPU by then.
it.each<[string, [fromMs: number, toMs: number, threadMs: number][], number]>([
  [
    'the process was stopped',
    [
      [0, 0, 0],
      [600, 600, 1],
    ],
    499,
  ],
  [
    'the thread waited for a CPU',
    [
      [0, 0, 0],
      [600, 600, 599],
    ],
    0,
  ],
  [
    'it waited after it had read its times',
    [
      [0, 0, 0],
      [100, 271, 1],
      [371, 371, 173],
    ],
    0,
  ],
  [
    'it waited before it had read its times',
    [
      [0, 0, 0],
      [100, 271, 172],
      [371, 371, 173],
    ],
    0,
  ],
])('a watch finds stops alone: %s', (_, readings, stopMs) => {
  const queue = readings.map(
    ([fromMs, toMs, threadMs]): OwnTimes => ({
      fromUs: fromMs * MS,
      toUs: toMs * MS,
      threadUs: threadMs * MS,
      processUs: 0,
    }),
  );
  const last = queue.at(-1);
  const watch = new StopWatch(() => queue.shift() ?? (last as OwnTimes));
  for (const _look of readings.slice(1)) watch.look();
  expect(watch.takeStoppedUs()).toBe(stopMs * MS);
});
