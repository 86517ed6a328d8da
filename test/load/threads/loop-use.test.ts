import { expect, it } from 'vitest';
import { readLoopUse } from '../../../src/load/threads/loop-use.ts';

/** A thread that is idle throughout, as Node tells of it; each reading is held up between its two clocks by so much. */
function makeThread(holdUpsUs: readonly number[]) {
  let nowUs = 1_000_000;
  let reads = 0;
  return {
    now: () => nowUs,
    wait: (us: number) => {
      nowUs += us;
    },
    read: () => {
      const idle = nowUs / 1000;
      nowUs += 5 + (holdUpsUs[reads++] ?? 0);
      return { active: nowUs / 1000 - idle, idle };
    },
    get reads() {
      return reads;
    },
  };
}

it('takes a quick reading as it is', () => {
  const thread = makeThread([]);
  const use = readLoopUse(thread.read, thread.now);
  expect(use?.activeMs).toBeCloseTo(0.005);
  expect(use?.idleMs).toBe(1000);
  expect(thread.reads).toBe(1);
});

it('makes a reading again that was held up, so that no difference is below 0 by what was in its way', () => {
  const thread = makeThread([41_000]);
  const first = readLoopUse(thread.read, thread.now);
  thread.wait(1_000_000);
  const second = readLoopUse(thread.read, thread.now);
  expect(thread.reads).toBe(3);
  expect(Math.abs((second?.activeMs ?? 0) - (first?.activeMs ?? Number.NaN))).toBeLessThan(0.2);
});

it('takes the quickest of three where each is held up', () => {
  const thread = makeThread([9000, 400, 7000, 1]);
  expect(readLoopUse(thread.read, thread.now)?.activeMs).toBeCloseTo(0.405);
  expect(thread.reads).toBe(3);
});

it.each([
  ['stops', { active: 309, idle: -1 }],
  ['has ended, or has not begun', { active: 0, idle: 0 }],
])('has no reading of a thread that %s', (_, reading) => {
  expect(readLoopUse(() => reading)).toBeUndefined();
});

it('takes a loop that was never idle as it is', () => {
  expect(readLoopUse(() => ({ active: 309, idle: 0 }))).toEqual({ activeMs: 309, idleMs: 0 });
});
