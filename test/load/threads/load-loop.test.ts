import { describe, expect, it, vi } from 'vitest';
import type { Attempt, Driver } from '../../../src/drivers/driver.ts';
import { NO_SCRAM } from '../../../src/drivers/login/scram-costs.ts';
import {
  allocateRing,
  COLUMN,
  EVENT,
  EventReader,
  EventWriter,
} from '../../../src/load/record/event-ring.ts';
import { allocateFailureTable, FailureWriter } from '../../../src/load/record/failure-table.ts';
import { LoadLoop } from '../../../src/load/threads/load-loop.ts';
import type { BlockPlan } from '../../../src/scenario/plan/plan.ts';

interface Rig {
  loop: LoadLoop;
  /** Attempts that were opened and not answered. */
  open: Attempt[];
  idle: () => boolean;
  done: () => boolean;
  /** Whether the connections that are held were asked to close. */
  closing: () => boolean;
  count: (kind: number) => number;
  start: () => void;
  nowUs: () => number;
  /** The clock goes on, no timer fires. */
  holdUp: (us: number) => void;
}

/** A loop of one open block under vitest's fake timers: its clock is theirs, its driver only collects. */
function createRig(
  ratePerSecond: number,
  durationUs: number,
  maxInFlight = 1000,
  queries = 0,
): Rig {
  vi.useFakeTimers();
  let zeroUs = Math.round(performance.now() * 1000);
  const nowUs = (): number => Math.round(performance.now() * 1000) - zeroUs;
  const memory = allocateRing();
  const seen: number[] = [];
  const reader = new EventReader(memory);
  const open: Attempt[] = [];
  let isIdle = false;
  let isDone = false;
  let isClosing = false;
  const rate = { startRatePerSecond: ratePerSecond, endRatePerSecond: ratePerSecond, durationUs };
  const plan: BlockPlan = {
    name: 'load',
    executor: 'constant-arrival-rate',
    startUs: 0,
    endUs: durationUs,
    gracefulStopUs: 30_000_000,
    lastsUntilEnd: false,
    maxInFlight: undefined,
    maxOpen: undefined,
    pace: {
      loop: 'open',
      schedule: {
        pieces: [rate],
        spacing: 'uniform',
        seed: 1,
        arrivalCount: (ratePerSecond * durationUs) / 1e6,
      },
    },
  };
  const steps = [{ index: 0, block: 0, loop: 'open', fromUs: 0, toUs: durationUs } as const];
  const loop = new LoadLoop({
    blocks: [{ plan, steps, maxInFlight, maxOpen: 1e6 }],
    steps,
    stripe: { worker: 0, workers: 1 },
    retry: undefined,
    maxInFlight: 1e6,
    events: new EventWriter(memory),
    failures: new FailureWriter(allocateFailureTable()),
    now: nowUs,
    awaits: queries > 0 ? 'firstQuery' : undefined,
    onIdle: () => {
      expect(isIdle).toBe(false);
      isIdle = true;
    },
    onDone: () => {
      expect({ isIdle, isDone }).toEqual({ isIdle: true, isDone: false });
      isDone = true;
    },
  });
  const driver: Driver = {
    scramFigures: NO_SCRAM,
    open: (attempt) => open.push(attempt),
    cancelAttempts: () => {
      for (const attempt of open.splice(0)) loop.sink.cancelled(attempt, nowUs());
    },
    closeConnections: () => {
      isClosing = true;
    },
    listBackends: () => [],
  };
  return {
    loop,
    open,
    nowUs,
    holdUp: (us) => {
      zeroUs -= us;
    },
    idle: () => isIdle,
    done: () => isDone,
    closing: () => isClosing,
    start: () => loop.start(driver),
    count: (kind) => {
      reader.drain((cells, offset) => seen.push(cells[offset + COLUMN.kind] as number));
      return seen.filter((each) => each === kind).length;
    },
  };
}

function answer(rig: Rig): void {
  for (const attempt of rig.open.splice(0)) {
    attempt.readyUs = rig.nowUs();
    rig.loop.sink.ready(attempt);
    rig.loop.sink.connectionEnded(attempt, 'closed', undefined, rig.nowUs());
  }
}

describe('the open loop', () => {
  it('starts every arrival at its moment, never early, whatever became of those before', () => {
    const rig = createRig(100, 1_000_000);
    rig.start();
    vi.advanceTimersByTime(1_000);
    expect(rig.open).toHaveLength(100);
    for (const { startUs, scheduledUs } of rig.open) {
      expect(startUs - scheduledUs).toBeGreaterThanOrEqual(0);
      expect(startUs - scheduledUs).toBeLessThanOrEqual(1_000);
    }
    expect(rig.idle()).toBe(false);
    answer(rig);
    expect(rig.idle()).toBe(true);
  });

  it('drops arrivals beyond the cap, and starts again when there is room', () => {
    const rig = createRig(100, 1_000_000, 10);
    rig.start();
    vi.advanceTimersByTime(500);
    expect(rig.open).toHaveLength(10);
    answer(rig);
    vi.advanceTimersByTime(45);
    expect(rig.open).toHaveLength(4);
    rig.loop.stop(rig.nowUs());
    expect(rig.count(EVENT.begun) + rig.count(EVENT.dropped)).toBe(55);
    expect(rig.count(EVENT.begun)).toBe(14);
  });

  it('after stop starts nothing, lets attempts end, and is done then', () => {
    const rig = createRig(100, 10_000_000);
    rig.start();
    vi.advanceTimersByTime(200);
    rig.loop.stop(rig.nowUs());
    const begun = rig.count(EVENT.begun);
    vi.advanceTimersByTime(1_000);
    expect(rig.count(EVENT.begun)).toBe(begun);
    expect(rig.idle()).toBe(false);
    answer(rig);
    expect(rig.idle()).toBe(true);
  });

  it('stopped behind its schedule, starts what was due before the stop and nothing after', () => {
    const rig = createRig(1_000, 10_000_000);
    rig.start();
    rig.holdUp(2_000_000);
    rig.loop.stop(1_000_000);
    vi.runAllTimers();
    expect(rig.count(EVENT.begun)).toBe(1_000);
  });

  it('cancelled behind its schedule, drops what was due and not begun', () => {
    const rig = createRig(1_000, 10_000_000);
    rig.start();
    rig.holdUp(2_000_000);
    rig.loop.cancel();
    vi.runAllTimers();
    expect(rig.count(EVENT.begun) + rig.count(EVENT.dropped)).toBe(2_000);
    expect(rig.count(EVENT.begun)).toBeLessThan(100);
    expect(rig.count(EVENT.cancelled)).toBe(rig.count(EVENT.begun));
    expect(rig.idle()).toBe(true);
  });

  it('cancel ends what is under way', () => {
    const rig = createRig(100, 10_000_000);
    rig.start();
    vi.advanceTimersByTime(200);
    rig.loop.cancel();
    expect(rig.idle()).toBe(true);
    expect(rig.count(EVENT.cancelled)).toBe(rig.count(EVENT.begun));
  });

  it('waits for the first query of every connection, or its end', () => {
    const rig = createRig(10, 200_000, 1000, 1);
    rig.start();
    vi.advanceTimersByTime(200);
    const [first, second] = rig.open;
    if (first === undefined || second === undefined) throw new Error('two arrivals were due');
    for (const attempt of [first, second]) {
      attempt.readyUs = rig.nowUs();
      rig.loop.sink.ready(attempt);
    }
    first.queriedUs = rig.nowUs();
    rig.loop.sink.firstQuery(first);
    expect(rig.idle()).toBe(false);
    rig.loop.sink.connectionEnded(second, 'queryFailed', undefined, rig.nowUs());
    expect(rig.idle()).toBe(true);
  });

  it('is not done before the last connection is closed, which may wait for the server', () => {
    const rig = createRig(10, 100_000);
    rig.start();
    vi.advanceTimersByTime(200);
    const [attempt] = rig.open;
    if (attempt === undefined) throw new Error('one arrival was due');
    attempt.readyUs = rig.nowUs();
    rig.loop.sink.ready(attempt);
    expect({ idle: rig.idle(), closing: rig.closing() }).toEqual({ idle: true, closing: false });
    rig.loop.close();
    expect({ closing: rig.closing(), done: rig.done() }).toEqual({ closing: true, done: false });
    rig.loop.sink.connectionEnded(attempt, 'closed', undefined, rig.nowUs());
    expect(rig.done()).toBe(true);
  });

  it('counts what was abandoned as ended, and makes room for others', () => {
    const rig = createRig(100, 1_000_000, 10);
    rig.start();
    vi.advanceTimersByTime(500);
    expect(rig.open).toHaveLength(10);
    for (const attempt of rig.open.splice(0)) rig.loop.sink.abandoned(attempt, rig.nowUs());
    vi.advanceTimersByTime(45);
    expect(rig.open).toHaveLength(4);
    expect(rig.count(EVENT.abandoned)).toBe(10);
  });

  it('starts what is due when a socket has something to tell, before its timer', () => {
    const rig = createRig(1_000, 1_000_000);
    rig.start();
    rig.holdUp(2_500);
    expect(rig.open).toHaveLength(1);
    rig.loop.turned();
    expect(rig.open.map(({ startUs, scheduledUs }) => startUs - scheduledUs)).toEqual([
      0, 1_500, 500,
    ]);
    rig.loop.turned();
    expect(rig.open).toHaveLength(3);
    vi.advanceTimersByTime(997);
    expect(rig.count(EVENT.begun)).toBe(1_000);
  });

  it('leaves a backlog to its own pace, however much the sockets have to tell', () => {
    const rig = createRig(1_000, 1_000_000);
    rig.start();
    rig.holdUp(500_000);
    vi.advanceTimersByTime(1);
    rig.loop.turned();
    expect(rig.open).toHaveLength(1 + 64);
  });

  it('held up, starts all that has become due at once, each late by its own amount', () => {
    const rig = createRig(1_000, 1_000_000);
    rig.start();
    rig.holdUp(500_000);
    vi.advanceTimersByTime(1);
    // In batches, between which answers are read and a stop is heard.
    expect(rig.open).toHaveLength(1 + 64);
    while (rig.open.length < 502) vi.advanceTimersToNextTimer();
    const indexes = rig.open.map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, i) => i));
    const { startUs = 0, scheduledUs = 0 } = rig.open[50] ?? {};
    expect(startUs - scheduledUs).toBe(451_000);
  });
});
