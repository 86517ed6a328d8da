import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/model/measures.ts';
import { constantRate } from '../support/run-storm.ts';
import { runVariantsVirtually, runVirtually } from '../support/virtual/virtual-run.ts';

/** Runs with statements, in virtual time. */

const load = constantRate(40, '500ms');
const STATEMENTS = { statements: ['a', 'b', 'c'] };
const REFUSED: Failure = { layer: 'server', phase: 'query', code: '42601', message: 'no' };

describe('a run with statements', () => {
  it('measures until the last one is answered, from the schedule and from the start', async () => {
    const { summary } = await runVirtually(
      { load, connection: STATEMENTS },
      { servers: { direct: () => ({ ready: 20_000, queryUs: 40_000 }) } },
    );
    const { metrics } = summary;
    expect(metrics.firstQuery).toMatchObject({ count: 20, minUs: 60_000, maxUs: 60_000 });
    expect(metrics.usable).toMatchObject({ count: 20, minUs: 140_000, maxUs: 140_000 });
    expect(metrics.usableServiceTime).toMatchObject({ count: 20, minUs: 140_000, censored: 0 });
    expect(summary.validity.reasons).toEqual([]);
  });

  it('waits for the last statement of connections that are held to the end', async () => {
    const { summary } = await runVirtually(
      { load, connection: { ...STATEMENTS, hold: 'end' } },
      { servers: { direct: () => ({ ready: 1_000, queryUs: 300_000 }) } },
    );
    expect(summary.metrics.usable).toMatchObject({ count: 20, censored: 0 });
  });

  it('ranks connections last whose statement failed, even if all did', async () => {
    const { summary } = await runVirtually(
      { load, connection: STATEMENTS },
      {
        servers: { direct: () => ({ ready: 1_000, queryUs: 400_000 }) },
        observer: ({ drivers, time }) => ({
          started: () => time.at(time.nowUs + 1_000_000, () => drivers.at(-1)?.cutAll(REFUSED)),
        }),
      },
    );
    expect(summary.connections.queryFailed).toBe(20);
    const { firstQuery, usable, usableServiceTime } = summary.metrics;
    expect(firstQuery).toMatchObject({ count: 20, censored: 0 });
    for (const figures of [usable, usableServiceTime]) {
      expect(figures).toMatchObject({ count: 0, censored: 20, p50Us: null, maxUs: null });
    }
  });

  it('has no such figure without statements, or with one query', async () => {
    const { summary, records } = await runVirtually({ load, connection: { queries: 1 } });
    expect(summary.metrics.firstQuery).toMatchObject({ count: 20 });
    expect(summary.metrics.usable).toBeUndefined();
    expect(JSON.stringify(records)).not.toContain('usable');
  });

  it.each([
    ['ready', { queries: 0 }, 1],
    ['answered', { queries: 1 }, 4],
    ['usable', STATEMENTS, 10],
  ])('of a search has connects in flight until they are %s', async (_, connection, inFlight) => {
    const { records, summary } = await runVirtually(
      {
        load: { executor: 'saturation-search', startRate: 10, maxRate: 10, maxDuration: '60s' },
        connection,
        killSwitch: false,
      },
      { servers: { direct: () => ({ ready: 100_000, queryUs: 300_000 }) } },
    );
    const samples = records.flatMap((record) =>
      record.type === 'interval' ? (record.inFlightSamples ?? []) : [],
    );
    // At 10/s so many are under way at one time, one more or less.
    expect(Math.abs(Math.max(...samples) - inFlight)).toBeLessThanOrEqual(1);
    expect(summary.capacity?.curve.at(-1)?.achievedPerSecond).toBeCloseTo(10, 0);
  });

  it('judges budgets on it', async () => {
    const { exitCode, summary } = await runVirtually(
      {
        load,
        connection: STATEMENTS,
        budgets: ['usable p(99) < 130ms', 'usableServiceTime p(99) < 150ms'],
      },
      { servers: { direct: () => ({ ready: 20_000, queryUs: 40_000 }) } },
    );
    expect(summary.budgets?.map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
    expect(exitCode).toBe(99);
  });

  it('compares by it where every variant has statements of its own', async () => {
    const { summary } = await runVariantsVirtually(
      {
        load,
        repeat: 5,
        variants: {
          base: { connection: { statements: ['a'] } },
          orm: { connection: STATEMENTS },
        },
      },
      { servers: { direct: () => ({ ready: 20_000, queryUs: 40_000 }) } },
    );
    const [judged] = summary.comparison;
    expect(judged).toMatchObject({ metric: 'usableServiceTime', a: 'orm', verdict: 'slower' });
  });
});
