import { expect, it } from 'vitest';
import { type WatchedThread, WorkerProbe } from '../../../src/probes/generator/worker.ts';

/** A thread whose figures the test sets. */
function makeThread() {
  const state = {
    isGone: false,
    isReadable: true,
    activeMs: 10,
    idleMs: 90,
    arrivals: 0,
    longestUs: 0,
  };
  const delaysUs = [300, 400];
  const thread: WatchedThread = {
    get isGone() {
      return state.isGone;
    },
    threadId: null,
    readLoopUse: () =>
      state.isReadable ? { activeMs: state.activeMs, idleMs: state.idleMs } : undefined,
    takeLoopDelays: () => ({ longestUs: state.longestUs, delaysUs }),
    takeLateness: () => {
      const { arrivals } = state;
      state.arrivals = 0;
      const us = arrivals > 0 ? 700 : null;
      return { arrivals, p99Us: us, maxUs: us };
    },
  };
  return { state, thread };
}

it('tells the differences to the sample before', () => {
  const { state, thread } = makeThread();
  const probe = new WorkerProbe(thread, 3);
  Object.assign(state, { activeMs: 40, idleMs: 160, arrivals: 5, longestUs: 900 });
  expect(probe.sample()).toEqual({
    worker: 3,
    utilisation: 0.3,
    loopDelayUs: 900,
    loopDelaysUs: [300, 400],
    arrivals: 5,
    latenessP99Us: 700,
    latenessMaxUs: 700,
  });
  Object.assign(state, { idleMs: 260 });
  expect(probe.sample()).toMatchObject({ utilisation: 0, arrivals: 0, latenessP99Us: null });
});

it('takes what a reading is off by for no use of an idle loop', () => {
  const { state, thread } = makeThread();
  const probe = new WorkerProbe(thread, 0);
  Object.assign(state, { activeMs: 9.9, idleMs: 190.1 });
  expect(probe.sample()).toMatchObject({ utilisation: 0 });
});

it('tells of a thread that has ended what the last look saw, once', () => {
  const { state, thread } = makeThread();
  const probe = new WorkerProbe(thread, 0);
  Object.assign(state, { activeMs: 60, idleMs: 140, arrivals: 5 });
  probe.look();
  // A thread that stops cannot be read before its end is told, and its pulse is late for ever.
  Object.assign(state, { isReadable: false, longestUs: 5_000_000 });
  probe.look();
  state.isGone = true;
  expect(probe.sample()).toMatchObject({ utilisation: 0.5, arrivals: 5, loopDelayUs: 400 });
  expect(probe.sample()).toBeUndefined();
});

it('has no use of the loop to tell if nothing could be read since the last sample', () => {
  const { state, thread } = makeThread();
  const probe = new WorkerProbe(thread, 0);
  Object.assign(state, { isReadable: false, arrivals: 5 });
  const sample = probe.sample();
  expect(sample).toMatchObject({ arrivals: 5 });
  expect(sample).not.toHaveProperty('utilisation');
  expect(sample).not.toHaveProperty('cpuUs');
});
