import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readMonotonicUs } from '../../../src/clock.ts';
import { allocatePulse, PulseReader, startPulse } from '../../../src/load/threads/pulse.ts';

const HOLD_UP_US = 200_000;

function holdUp(): void {
  const untilUs = readMonotonicUs() + HOLD_UP_US;
  while (readMonotonicUs() < untilUs);
}

it('tells of a loop that was held up once, by every time that it was due meanwhile', async () => {
  const memory = allocatePulse();
  const reader = new PulseReader(memory);
  const end = startPulse(memory);
  try {
    holdUp();
    let delaysUs: number[] = [];
    // The beat comes when the loop is free again.
    while (delaysUs.length === 0) {
      await delay(1);
      delaysUs = reader.take().delaysUs;
    }
    // Due after 50, 100 and 150 ms at least, and late by what was left then.
    const [first = 0, second = 0, third = 0] = delaysUs;
    expect(first).toBeGreaterThanOrEqual(HOLD_UP_US - 50_000);
    expect([first - second, second - third]).toEqual([50_000, 50_000]);
    expect(delaysUs.at(-1)).toBeLessThan(50_000);
    expect(reader.take().delaysUs).toEqual([]);
  } finally {
    end();
  }
});

it('tells of a hold-up that goes on as the longest, and by its times only once it is over', () => {
  const memory = allocatePulse();
  const end = startPulse(memory);
  const { longestUs, delaysUs } = new PulseReader(memory).take(readMonotonicUs() + 1_050_000);
  expect(longestUs).toBeGreaterThanOrEqual(1_000_000);
  expect(delaysUs).toEqual([]);
  end();
});

it('tells of nothing before its start', () => {
  const reader = new PulseReader(allocatePulse());
  expect(reader.take()).toEqual({ longestUs: 0, delaysUs: [] });
});
