import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readMonotonicUs } from '../../../src/clock.ts';
import { createNodeTimers } from '../../../src/load/schedule/timers.ts';

/** Wakes once after `us`; how long that took. */
async function wait(us: number): Promise<number> {
  const fromUs = readMonotonicUs();
  await new Promise<void>((resolve) => createNodeTimers(resolve).wakeIn(us));
  return readMonotonicUs() - fromUs;
}

describe("Node's timers", () => {
  it.each([10_000, 10_999, 12_345, 30_001])('never end a wait of %d us too early', async (us) => {
    for (let round = 0; round < 5; round++) expect(await wait(us)).toBeGreaterThanOrEqual(us);
  });

  it('leave others their turn while they wait out a part of a millisecond', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    // Whatever the timer makes of it: some of these have a part left over.
    for (let us = 10_900; us < 11_000; us += 20) await wait(us);
    isOver = true;
    expect(turns).toBeGreaterThan(5);
  });

  it.each([3000, 20_000])('replace a wait by another one, of %d us before', async (us) => {
    let woken = 0;
    const timers = createNodeTimers(() => woken++);
    timers.wakeIn(us);
    timers.wakeIn(12_000);
    await delay(100);
    expect(woken).toBe(1);
  });

  it('call nobody back after they are cleared', async () => {
    let woken = 0;
    const timers = createNodeTimers(() => woken++);
    for (const us of [2000, 10_999]) {
      timers.wakeIn(us);
      timers.clear();
    }
    timers.wakeSoon();
    timers.clear();
    await delay(50);
    expect(woken).toBe(0);
  });
});
