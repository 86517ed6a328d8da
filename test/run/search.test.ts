import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { replaySearch } from '../support/virtual/replay-search.ts';
import type { VirtualProbes } from '../support/virtual/virtual-ports.ts';
import {
  type Hands,
  runVirtually,
  type VirtualOptions,
  type VirtualServer,
} from '../support/virtual/virtual-run.ts';
import { goWhen, haveSlots, serveInTurn } from '../support/virtual/virtual-servers.ts';

/** Whole searches in virtual time. search.real.test.ts has them against servers. */

interface Search extends VirtualOptions {
  load: Record<string, unknown>;
  connection?: Record<string, unknown>;
  killSwitch?: boolean;
  direct?: VirtualServer;
  budgets?: string[];
}

async function search({
  load,
  connection = {},
  killSwitch = false,
  direct,
  budgets = [],
  ...options
}: Search) {
  const servers = direct === undefined ? {} : { servers: { direct } };
  const whole = {
    executor: 'saturation-search',
    stepDuration: '2s',
    maxDuration: '30s',
    ...load,
  };
  return runVirtually({ load: whole, connection, killSwitch, budgets }, { ...servers, ...options });
}

describe('a search', () => {
  it('answers not-reached where the highest rate that may be tried is sustained', async () => {
    const load = { startRate: 20, maxRate: 30, growth: 1.5 };
    const { summary, header, records } = await search({ load });
    const { capacity, steps, accounting, validity, rates } = summary;
    replaySearch(header, records);
    expect(capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(capacity?.reason).toBe('maxRate, 30/s, was sustained');
    expect(capacity?.lowerPerSecond).toBeGreaterThan(29);
    const levels = steps.map(({ role, startRatePerSecond }) => `${role} ${startRatePerSecond}`);
    expect(levels).toEqual(['baseline 5', 'climb 20', 'climb 30']);
    // Steps that vote have a hundred arrivals each, however long that takes.
    expect(accounting.due).toBe(2 * 5 + 2 * 100);
    expect(validity).toEqual({ valid: true, reasons: [] });
    for (const { achievedPerSecond, offeredPerSecond } of steps) {
      expect(achievedPerSecond).toBeCloseTo(offeredPerSecond, -1);
    }
    expect(rates.achievedPerSecond).toBeGreaterThan(17);
  });

  it('finds the knee of a server that takes one connection at a time, with decisions that its file repeats', async () => {
    const load = { startRate: 40, growth: 1.6, tolerance: 0.5, trials: 1 };
    const run = await search({ load, direct: serveInTurn(20) });
    replaySearch(run.header, run.records);
    const { summary, exitCode } = run;
    const { capacity } = summary;
    expect(exitCode).toBe(0);
    expect(capacity?.kind).toBe('found');
    expect(capacity?.lowerPerSecond).toBeLessThanOrEqual(50);
    expect(capacity?.upperPerSecond).toBeGreaterThanOrEqual(50);
    expect(capacity?.reason).toMatch(/of .*\/s achieved, connects in flight grew to/);
  });

  it('answers wall where slots are refused', async () => {
    const load = { startRate: 12, growth: 1.6, trials: 1, tolerance: 0.5 };
    const connection = { hold: '500ms' };
    const { summary } = await search({ load, connection, direct: haveSlots(10, 500) });
    expect(summary.capacity).toMatchObject({ kind: 'wall' });
    expect(summary.capacity?.reason).toContain('53300');
  });

  it('ends with what it knows when the target is gone, invalid, and names nothing that gives out', async () => {
    let isGone = false;
    const observer = ({ time }: Hands) => ({
      // In the second rate that it tries.
      interval: () => {
        isGone ||= time.nowUs > 9_000_000;
      },
    });
    const direct = goWhen(() => isGone);
    const { summary, exitCode } = await search({ load: { startRate: 20 }, direct, observer });
    const { capacity, bottleneck, validity } = summary;
    expect(exitCode).toBe(111);
    expect(validity.reasons.map(({ code }) => code)).toContain('TARGET_GAVE_OUT');
    expect(bottleneck).toMatchObject({ cause: 'unknown' });
    expect(capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(capacity?.reason).toContain('the target stopped accepting connects');
    expect(capacity?.lowerPerSecond).toBeGreaterThan(19);
  });

  it('stops where it is told to, in the midst of a step', async () => {
    const observer = ({ time, stop }: Hands) => ({
      interval: () => {
        if (time.nowUs > 2_500_000) stop.abort();
      },
    });
    const { summary, header, records } = await search({ load: { startRate: 20 }, observer });
    expect(summary.stoppedBy).toBe('signal');
    expect(summary.capacity).toMatchObject({ kind: 'not-reached', reason: 'interrupted' });
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
    const again = createSummary(header);
    for (const record of records) if (record.type !== 'header') again.add(record);
    expect(again.finish()).toEqual(summary);
  });
});

describe('a search whose target restarts in a step', () => {
  const load = { startRate: 20, maxRate: 30, growth: 1.5 };

  it.each<[string, { afterUs: number; lastsUs: number }]>([
    ['in its midst', { afterUs: 2_000_000, lastsUs: 300_000 }],
    // More than a fifth of the step's connects fail, and none of it sees the target come back.
    ['at its end', { afterUs: 3_800_000, lastsUs: 1_250_000 }],
  ])('%s makes the step again, and says when it was down', async (_, { afterUs, lastsUs }) => {
    const whole = await search({ load });
    const climbed = whole.summary.steps[1];
    const downFromUs = (climbed?.fromUs ?? 0) + afterUs;
    const isDown = (nowUs: number): boolean => nowUs >= downFromUs && nowUs < downFromUs + lastsUs;
    const direct: VirtualServer = (_attempt, _serial, nowUs) =>
      isDown(nowUs)
        ? {
            failed: 100,
            failure: {
              layer: 'server',
              phase: 'auth',
              code: '57P03',
              message: 'the database system is starting up',
            },
          }
        : { ready: 1000 };
    const { summary, header, records } = await search({ load, direct });
    replaySearch(header, records);
    const levels = summary.steps.map(
      ({ role, startRatePerSecond }) => `${role} ${startRatePerSecond}`,
    );
    expect(levels).toEqual(['baseline 5', 'climb 20', 'climb 20', 'climb 30']);
    const [outage, ...others] = summary.capacity?.outages ?? [];
    expect(others).toEqual([]);
    expect(outage?.fromUs).toBeLessThanOrEqual(downFromUs);
    // An interval may end a little before the step does.
    const seenUntilUs = Math.min((climbed?.toUs ?? 0) - 100_000, downFromUs + lastsUs);
    expect(outage?.toUs).toBeGreaterThanOrEqual(seenUntilUs);
    expect(outage?.reason).toMatch(
      /^the target was down or restarting at some time between .*57P03/,
    );
    const [, failed, started] = /: (\d+) of (\d+) connects/.exec(outage?.reason ?? '') ?? [];
    expect(Number(failed) / Number(started) > 0.2).toBe(lastsUs > 1_000_000);
    const searched = records.flatMap((it) => (it.type === 'decision' ? [it.reason] : []));
    expect(searched).toContain(`once more, because that step does not count: ${outage?.reason}`);
    const point = summary.capacity?.curve.find(({ offeredPerSecond }) => offeredPerSecond === 20);
    expect(point).toMatchObject({ trials: 2, broken: 1, bad: 0 });
    expect(summary.capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(summary.validity.valid).toBe(true);
  });
});

describe('a search that was cut short', () => {
  /** Whatever ended it: all counts of its steps are the same, and nothing is invented. */
  function expectAgreement({ summary }: Awaited<ReturnType<typeof search>>, by: string): void {
    const { capacity, steps, budgets, bottleneck } = summary;
    if (capacity === null) throw new Error('there is no capacity');
    expect(capacity.cutShort?.by).toBe(by);
    expect(capacity.reason).toBe(capacity.cutShort?.reason);
    expect(capacity.upperPerSecond).toBeNull();
    const trials = capacity.curve.reduce((sum, point) => sum + point.trials, 0);
    const loops = steps.filter((it) => it.loop === 'closed' && it.unfinished !== true).length;
    const unfinished = steps.filter((it) => it.unfinished === true).length;
    expect(trials + loops + unfinished).toBe(steps.length);
    expect(capacity.curve.map(({ bad }) => bad)).toEqual(capacity.curve.map(() => 0));
    expect(budgets.map(({ verdict }) => verdict)).toEqual(['not-judged']);
    expect(bottleneck === null || ['unknown', 'none'].includes(bottleneck.cause)).toBe(true);
  }

  const budgets = ['capacity value > 500/s'];

  it('by the kill switch, when the server went down', async () => {
    const observer = (hands: Hands) => ({
      interval: () => {
        if (hands.time.nowUs > 12_500_000) hands.probes?.raise('the canary died');
      },
    });
    const run = await search({ load: { startRate: 20 }, killSwitch: true, observer, budgets });
    expectAgreement(run, 'target');
    expect(run.exitCode).toBe(108);
    expect(run.summary.bottleneck?.cause).toBe('unknown');
    expect(run.summary.capacity?.reason).toBe('kill switch: the canary died');
    expect(run.summary.capacity?.lowerPerSecond).toBeGreaterThan(19);
  });

  it('by a server that refuses all, as after a change of the password', async () => {
    let hasChanged = false;
    const observer = ({ time }: Hands) => ({
      interval: () => {
        hasChanged ||= time.nowUs > 12_500_000;
      },
    });
    const direct = goWhen(() => hasChanged);
    const run = await search({ load: { startRate: 20 }, direct, observer, budgets });
    expectAgreement(run, 'target');
    expect(run.exitCode).toBe(111);
    expect(run.summary.bottleneck?.cause).toBe('unknown');
    const broken = run.summary.capacity?.curve.map((point) => point.broken ?? 0) ?? [];
    // The step in which it began could have been a restart. The next one is refused throughout.
    expect(broken.reduce((sum, count) => sum + count, 0)).toBe(2);
    const { atUs = 0 } = run.summary.capacity?.cutShort ?? {};
    expect(Math.abs(atUs - 12_500_000)).toBeLessThan(1_500_000);
  });

  it('by a server that goes down in every step', async () => {
    const gone = goWhen(() => true);
    const direct: VirtualServer = (attempt, serial, nowUs) =>
      nowUs > 12_500_000 && serial % 10 === 0 ? gone(attempt, serial, nowUs) : { ready: 1000 };
    const run = await search({ load: { startRate: 20 }, direct, budgets });
    expectAgreement(run, 'target');
    expect(run.exitCode).toBe(111);
    expect(run.summary.capacity?.reason).toMatch(/^again and again, the target was down/);
    expect(run.summary.capacity?.outages).toHaveLength(3);
  });

  it('by a person, to whom nothing has given out so far', async () => {
    const observer = ({ time, stop }: Hands) => ({
      interval: () => {
        if (time.nowUs > 12_500_000) stop.abort();
      },
    });
    const run = await search({ load: { startRate: 20 }, observer, budgets });
    expectAgreement(run, 'signal');
    expect(run.exitCode).toBe(105);
    expect(run.summary.bottleneck?.cause).toBe('none');
  });

  it('by the end of its lab', async () => {
    const observer = ({ time, endLab }: Hands) => ({
      interval: () => {
        if (time.nowUs > 12_500_000) endLab('it was ended by SIGKILL');
      },
    });
    const run = await search({ load: { startRate: 20 }, observer, budgets });
    expectAgreement(run, 'error');
    expect(run.summary.bottleneck?.cause).toBe('unknown');
  });
});

describe('the kill switch of a search', () => {
  const load = { stepDuration: '3s', startRate: 20, maxRate: 30, growth: 1.5 };
  const SLOW = 'the canary waited for answers longer than 500 ms';

  it('ends a step, and the search goes on when the target is in time again', async () => {
    let steps = 0;
    const observer = (hands: Hands) => ({
      stepOpened: () => {
        const { time, probes } = hands;
        steps++;
        if (steps !== 2) return;
        time.at(time.nowUs + 1_000_000, () => probes?.slow(SLOW));
        time.at(time.nowUs + 4_000_000, () => probes?.comeBack());
      },
    });
    const { summary, records } = await search({ load, killSwitch: true, observer });
    const decisions = records.filter((it) => it.type === 'decision');
    const ended = decisions.find(({ decision }) => decision === 'endStep');
    expect(ended?.reason).toBe(`kill switch: ${SLOW}`);
    expect(decisions.some(({ decision }) => decision === 'kill' || decision === 'notBack')).toBe(
      false,
    );
    expect(summary.stoppedBy).toBe('end');
    // The step was no longer than until then, and the next one rested.
    const [, second, third] = summary.steps;
    expect(second?.toUs).toBe(ended?.atUs);
    expect(third?.fromUs).toBeGreaterThan((second?.toUs ?? 0) + 2_900_000);
    const tried = summary.capacity?.curve.find(
      ({ offeredPerSecond }) => offeredPerSecond === second?.startRatePerSecond,
    );
    expect((tried?.bad ?? 0) + (tried?.invalid ?? 0) + (tried?.unsure ?? 0)).toBeGreaterThan(0);
  });

  it('gives the search up whose target is no faster 10 s later', async () => {
    const observer = (hands: Hands) => ({
      stepOpened: () => hands.time.at(hands.time.nowUs + 500_000, () => hands.probes?.slow(SLOW)),
    });
    const { summary } = await search({ load, killSwitch: true, observer });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.steps).toHaveLength(1);
    expect(summary.capacity?.reason).toMatch(
      /^the target did not recover: kill switch: .*; 10 s later the target still answered no faster$/,
    );
  });

  it('ends a search whose target is too slow before anything is asked of it', async () => {
    const watched = (probes: VirtualProbes): void => probes.slow(SLOW);
    const { summary, attempts } = await search({ load, killSwitch: true, watched });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toBe(`kill switch: ${SLOW}`);
    expect(attempts).toEqual([]);
  });

  it('ends a search that keeps others out, whose answer is a wall all the same', async () => {
    let refused = 0;
    const slots = haveSlots(10, 500);
    const direct: VirtualServer = (...args) => {
      const fate = slots(...args);
      if ('failed' in fate) refused++;
      return fate;
    };
    const observer = (hands: Hands) => ({
      // The witness comes once a second.
      interval: () => {
        if (refused > 0)
          hands.probes?.raise('new connections beside the storm are refused (53300 full)');
      },
    });
    const { summary } = await search({
      load: { stepDuration: '3s' },
      connection: { hold: '500ms' },
      killSwitch: true,
      direct,
      observer,
    });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^kill switch: new connections beside the storm are refused/);
    expect(summary.capacity).toMatchObject({ kind: 'wall' });
    expect(summary.capacity?.reason).toMatch(/^\d+ of \d+ connects were refused \(53300/);
  });
});
