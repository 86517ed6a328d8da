import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readMonotonicUs } from '../../src/clock.ts';
import { allocatePulse, startPulse, takeLongestDelayUs } from '../../src/load/pulse.ts';

const HOLD_UP_US = 200_000;

function holdUp(): void {
  const untilUs = readMonotonicUs() + HOLD_UP_US;
  while (readMonotonicUs() < untilUs);
}

it('tells of a loop that was held up, once', async () => {
  const memory = allocatePulse();
  const end = startPulse(memory);
  try {
    holdUp();
    let longestUs = 0;
    // The beat comes when the loop is free again.
    while (longestUs === 0) {
      await delay(1);
      longestUs = takeLongestDelayUs(memory);
    }
    // All of it but the time until the next beat was due, and a little for the timer's own rounding.
    expect(longestUs).toBeGreaterThan(HOLD_UP_US - 60_000);
  } finally {
    end();
  }
});

it('tells of a hold-up that goes on', () => {
  const memory = allocatePulse();
  const end = startPulse(memory);
  const nowUs = readMonotonicUs();
  expect(takeLongestDelayUs(memory, nowUs + 1_050_000)).toBeGreaterThanOrEqual(1_000_000);
  end();
});

it('tells of nothing before its start', () => {
  expect(takeLongestDelayUs(allocatePulse())).toBe(0);
});
