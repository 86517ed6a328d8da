import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import type { IntervalRecord } from '../../src/result/records/intervals.ts';
import { observe, runStorm, type Storm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
} from '../support/servers/known-server.ts';
import { replaySearch } from '../support/virtual/replay-search.ts';

const SHORT = { executor: 'saturation-search', stepDuration: '2s', maxDuration: '30s' };

/** A search at a server of its own. */
async function search(
  behaviour: Behaviour,
  scenario: { load: Record<string, unknown>; connection?: Record<string, unknown> },
  over: (server: KnownServer) => Parameters<typeof runStorm>[2] = () => ({}),
): Promise<Storm> {
  const server = await startKnownServer(behaviour);
  try {
    const load = { ...SHORT, ...scenario.load };
    return await runStorm(server.url, { ...scenario, load }, over(server));
  } finally {
    await server.stop();
  }
}

// What is looked for are counts and who is to blame, not how long a connect takes: they may run side by side.
describe.concurrent('a search', () => {
  it('answers not-reached where the highest rate that may be tried is sustained', async () => {
    const storm = await search({}, { load: { startRate: 20, maxRate: 30, growth: 1.5 } });
    const { capacity, steps, accounting, validity } = storm.summary;
    expect(capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(capacity?.reason).toBe('maxRate, 30/s, was sustained');
    expect(capacity?.lowerPerSecond).toBeGreaterThan(28);
    // A step that was held up by others is tried again; those that vote have a hundred arrivals each, however long that takes.
    const levels = steps.map(({ role, startRatePerSecond }) => `${role} ${startRatePerSecond}`);
    expect([...new Set(levels)]).toEqual(['baseline 5', 'climb 20', 'climb 30']);
    const climbs = steps.filter(({ role }) => role === 'climb').length;
    expect(accounting.due).toBe(2 * 5 + climbs * 100);
    expect(validity).toEqual({ valid: true, reasons: [] });
    for (const { achievedPerSecond, offeredPerSecond } of steps) {
      expect(achievedPerSecond).toBeCloseTo(offeredPerSecond, -1);
    }
    expect(storm.summary.rates.achievedPerSecond).toBeGreaterThan(17);
    replaySearch(storm.header, storm.records);
  });

  it('finds the knee of a server that takes one connection at a time, with decisions that its file repeats', async () => {
    const load = { startRate: 40, growth: 1.6, tolerance: 0.5, trials: 1 };
    const storm = await search({ postmaster: { serialMs: 20 } }, { load });
    const { capacity, exitCode } = storm.summary;
    expect(exitCode).toBe(0);
    expect(capacity?.kind).toBe('found');
    expect(capacity?.lowerPerSecond).toBeLessThanOrEqual(50);
    expect(capacity?.upperPerSecond).toBeGreaterThanOrEqual(50);
    expect(capacity?.reason).toMatch(/of .*\/s achieved, connects in flight grew to/);
    replaySearch(storm.header, storm.records);
  });

  it('answers wall where slots are refused', async () => {
    const load = { startRate: 12, growth: 1.6, trials: 1, tolerance: 0.5 };
    const postmaster = { serialMs: 1, slots: 10 };
    const { summary } = await search({ postmaster }, { load, connection: { hold: '500ms' } });
    expect(summary.capacity).toMatchObject({ kind: 'wall' });
    expect(summary.capacity?.reason).toContain('53300');
  });

  it('ends with what it knows when the target is gone, invalid, and names nothing that gives out', async () => {
    const over = (server: KnownServer) => {
      // In the second rate that it tries.
      const interval = ({ toUs }: IntervalRecord): void => {
        if (toUs > 9_000_000) void server.stop();
      };
      return { observer: observe([], { interval }) };
    };
    const { summary } = await search({}, { load: { startRate: 20 } }, over);
    const { capacity, bottleneck, exitCode, validity } = summary;
    expect(exitCode).toBe(111);
    expect(validity.reasons.map(({ code }) => code)).toContain('TARGET_GAVE_OUT');
    expect(bottleneck).toMatchObject({ cause: 'unknown' });
    expect(capacity).toMatchObject({ kind: 'not-reached', upperPerSecond: null });
    expect(capacity?.reason).toContain('the target stopped accepting connects');
    expect(capacity?.lowerPerSecond).toBeGreaterThan(19);
  });

  it('stops where it is told to, in the midst of a step', async () => {
    const stop = new AbortController();
    const over = () => {
      const interval = ({ toUs }: IntervalRecord): void => {
        if (toUs > 2_500_000) stop.abort();
      };
      return { observer: observe([], { interval }), stop: stop.signal };
    };
    const storm = await search({}, { load: { startRate: 20 } }, over);
    const { summary } = storm;
    expect(summary.stoppedBy).toBe('signal');
    expect(summary.capacity).toMatchObject({ kind: 'not-reached', reason: 'interrupted' });
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
    const again = createSummary(storm.header);
    for (const record of storm.records) if (record.type !== 'header') again.add(record);
    const { exitCode } = summary;
    expect({ ...again.finish(), exitCode }).toEqual(summary);
  });
});
