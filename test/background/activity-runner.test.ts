import { describe, expect, it } from 'vitest';
import { ActTally } from '../../src/background/act-tally.ts';
import type { ActEnd, Activity, ActOutcome, Pace } from '../../src/background/activity.ts';
import { ActivityRunner } from '../../src/background/activity-runner.ts';
import { VirtualTime } from '../support/virtual/virtual-time.ts';

/** An activity whose acts end as `answer` says, after `tookUs`; undefined: never. */
class Scripted implements Activity {
  readonly pace: Pace;
  readonly begunUs: number[] = [];
  readonly ends: ActEnd[] = [];
  readonly #time: VirtualTime;
  readonly #tookUs: number | undefined;
  readonly #answer: ActOutcome;

  constructor(
    time: VirtualTime,
    pace: Pace,
    tookUs: number | undefined,
    answer: ActOutcome = { end: 'done' },
  ) {
    this.#time = time;
    this.pace = pace;
    this.#tookUs = tookUs;
    this.#answer = answer;
  }

  async open() {
    return undefined;
  }

  act(end: ActEnd): void {
    this.begunUs.push(this.#time.nowUs);
    this.ends.push(end);
    const { nowUs } = this.#time;
    if (this.#tookUs !== undefined) this.#time.at(nowUs + this.#tookUs, () => end(this.#answer));
  }

  close(): void {
    for (const end of this.ends) end({ end: 'cancelled' });
  }
}

function run(activity: Scripted, time: VirtualTime, untilUs: number, forUs: number) {
  const runner = new ActivityRunner({
    plan: { name: 'it', activity: 'cancels' },
    activity,
    tally: new ActTally(),
    now: () => time.nowUs,
    timers: {
      after: (ms, act) => {
        let isWanted = true;
        time.at(time.nowUs + Math.round(ms * 1000), () => isWanted && act());
        return () => {
          isWanted = false;
        };
      },
    },
    untilUs,
    opening: undefined,
  });
  runner.begin();
  let isOver = false;
  time.at(forUs, () => {
    isOver = true;
  });
  while (!isOver && time.step());
  return runner;
}

const RATE: Pace = { kind: 'rate', ratePerSecond: 50, atOnce: 3 };

describe('an activity with a rate', () => {
  it('acts exactly as often as its rate and the length of the load say', () => {
    const time = new VirtualTime();
    const activity = new Scripted(time, RATE, 1_000);
    const { acts, latency, actingUs } = run(activity, time, 2_000_000, 3_000_000).take();
    expect(acts).toEqual({ due: 100, done: 100, failed: 0, skipped: 0, cancelled: 0 });
    expect(latency).toMatchObject({ count: 100, minUs: 1_000, maxUs: 1_000 });
    expect(activity.begunUs.slice(0, 3)).toEqual([0, 20_000, 40_000]);
    expect(actingUs).toBe(2_000_000);
  });

  it('skips what is due while too many are under way, and counts it', () => {
    const time = new VirtualTime();
    const { acts, inFlight } = run(
      new Scripted(time, RATE, undefined),
      time,
      200_000,
      1_000_000,
    ).take();
    expect(acts).toEqual({ due: 10, done: 0, failed: 0, skipped: 7, cancelled: 0 });
    expect(inFlight).toBe(3);
  });

  it('counts latency from the moment when an act was due, not from a late start', () => {
    const time = new VirtualTime();
    const activity = new Scripted(time, { kind: 'rate', ratePerSecond: 10, atOnce: 9 }, 0);
    const late = new ActTally();
    late.begun();
    late.ended({ end: 'done' }, 7_000);
    expect(late.take().latency).toMatchObject({ minUs: 7_000 });
    expect(run(activity, time, 1_000_000, 1_000_000).take().latency).toMatchObject({ maxUs: 0 });
  });

  it('counts failures by code, and acts that the end cut off', () => {
    const time = new VirtualTime();
    const failure = { layer: 'server', phase: 'spawn', code: '53300', message: 'full' } as const;
    const activity = new Scripted(time, RATE, 10, { end: 'failed', failure });
    const { acts, errors } = run(activity, time, 100_000, 1_000_000).take();
    expect(acts).toMatchObject({ due: 5, failed: 5 });
    expect(errors).toMatchObject([{ code: '53300', count: 5 }]);
    const silent = new Scripted(time, RATE, undefined);
    const runner = run(silent, new VirtualTime(), 20_000, 1_000);
    runner.stopActing();
    silent.close();
    expect(runner.take()).toMatchObject({ acts: { due: 1, cancelled: 1 }, inFlight: 0 });
  });
});

describe('an activity of clients', () => {
  it('begins the next act of a client when the last one has ended', () => {
    const time = new VirtualTime();
    const activity = new Scripted(time, { kind: 'clients', clients: 2 }, 10_000);
    const { acts } = run(activity, time, 1_000_000, 2_000_000).take();
    expect(acts).toEqual({ due: 200, done: 200, failed: 0, skipped: 0, cancelled: 0 });
  });
});
