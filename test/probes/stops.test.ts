import { expect, it } from 'vitest';
import { findStopUs } from '../../src/probes/stops.ts';

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
