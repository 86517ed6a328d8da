import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readMonotonicUs } from '../../src/clock.ts';
import { createNodeTimers, type Timers } from '../../src/load/timers.ts';

/** Timers that resolve what waits for the next wake-up. */
function start(): { timers: Timers; woken: () => Promise<void>; wakes: () => number } {
  let wakes = 0;
  let waiting: (() => void) | undefined;
  const timers = createNodeTimers(() => {
    wakes++;
    waiting?.();
  });
  const woken = () =>
    new Promise<void>((resolve) => {
      waiting = resolve;
    });
  return { timers, woken, wakes: () => wakes };
}

describe("Node's timers", () => {
  it.each([1, 300, 1000, 4500, 11_000, 30_500])(
    'wake once and not early, whether waits are long or short: %d us',
    async (us) => {
      const { timers, woken, wakes } = start();
      for (let time = 1; time <= 5; time++) {
        const dueUs = readMonotonicUs() + us;
        timers.wakeIn(us);
        await woken();
        expect(readMonotonicUs()).toBeGreaterThanOrEqual(dueUs);
        expect(wakes()).toBe(time);
      }
    },
  );

  it.each([500, 30_000])('wake at the last moment that was set, after %d us before', async (us) => {
    const { timers, woken, wakes } = start();
    timers.wakeIn(us);
    timers.wakeIn(60_000);
    const dueUs = readMonotonicUs() + 59_000;
    timers.wakeIn(60_000);
    await woken();
    expect(readMonotonicUs()).toBeGreaterThanOrEqual(dueUs);
    expect(wakes()).toBe(1);
  });

  it('wake for what is due at once beside what is due later', async () => {
    const { timers, woken, wakes } = start();
    timers.wakeIn(20_000);
    timers.wakeSoon();
    await woken();
    expect(wakes()).toBe(1);
    await woken();
    expect(wakes()).toBe(2);
  });

  it.each([1, 500, 30_000])('do not wake once they are cleared: %d us', async (us) => {
    const { timers, wakes } = start();
    timers.wakeIn(us);
    timers.wakeSoon();
    timers.clear();
    await delay(60);
    expect(wakes()).toBe(0);
  });

  it('do not wake any more that are cleared while they turn', async () => {
    const { timers, wakes } = start();
    timers.wakeIn(20_000);
    // It sleeps until 2 ms before.
    await delay(18);
    timers.clear();
    const before = wakes();
    await delay(40);
    expect(wakes()).toBe(before);
  });
});
