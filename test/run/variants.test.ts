import { beforeAll, describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import type { LegEndRecord, LegRecord, ResultRecord } from '../../src/result/records/records.ts';
import { constantRate } from '../support/run-storm.ts';
import { type Hands, runVariantsVirtually } from '../support/virtual/virtual-run.ts';
import { readyAfter, refuseEvery } from '../support/virtual/virtual-servers.ts';

/** Whole runs of variants in virtual time. variants.server.test.ts has them against servers. */

const legsOf = (records: ResultRecord[]): LegRecord[] =>
  records.flatMap((record) => (record.type === 'leg' ? [record] : []));

describe('a run of variants', () => {
  it('measures in each what is its own: queries, and the time they take', async () => {
    const { summary, records, attempts, exitCode } = await runVariantsVirtually(
      {
        load: constantRate(40, '500ms'),
        variants: { bare: { connection: { queries: 0 } }, asking: { connection: { queries: 2 } } },
        repeat: 2,
      },
      { servers: { direct: () => ({ ready: 20_000, queryUs: 40_000 }) } },
    );
    const { bare, asking } = summary.variants;
    expect(summary).toMatchObject({ stoppedBy: 'end', accounting: { due: 80, ok: 80 } });
    expect(exitCode).toBe(0);
    expect(bare?.metrics.firstQuery).toBeUndefined();
    expect(asking?.metrics.query).toMatchObject({ count: 40, minUs: 40_000, maxUs: 40_000 });
    expect(asking?.metrics.firstQuery).toMatchObject({ count: 40, minUs: 60_000, maxUs: 60_000 });
    for (const variant of [bare, asking]) {
      expect(variant?.accounting).toMatchObject({ due: 40, ok: 40, inFlight: 0 });
      expect(variant?.metrics.latency).toMatchObject({ minUs: 20_000, maxUs: 20_000 });
      expect(variant?.rounds.map(({ metrics }) => metrics.latency?.count)).toEqual([20, 20]);
    }
    expect(attempts).toHaveLength(80);
    const turns = legsOf(records).map(({ variant, round }) => `${variant} ${round}`);
    expect(turns).toEqual(['bare 1', 'asking 1', 'asking 2', 'bare 2']);
  });

  it('has the slower of two servers slower by what it is, each under its role', async () => {
    const { summary, header } = await runVariantsVirtually(
      {
        load: constantRate(40, '500ms'),
        variants: { a: {}, b: { target: 'pooled' }, c: { target: 'direct' } },
      },
      { servers: { direct: readyAfter(2), pooled: readyAfter(50) } },
    );
    const roles = header.variants.map(({ target }) => target.role);
    expect(roles).toEqual(['direct', 'pooled', 'direct']);
    const { a, b, c } = summary.variants;
    const p50 = [a, b, c].map((variant) => variant?.metrics.serviceTime?.p50Us);
    expect(p50).toEqual([2_000, 50_000, 2_000]);
  });

  describe('of two rounds', () => {
    let run: Awaited<ReturnType<typeof runVariantsVirtually>>;
    beforeAll(async () => {
      const load = constantRate(40, '1s', { arrivals: 'poisson' });
      run = await runVariantsVirtually(
        { load, variants: { a: {}, b: {} }, repeat: 2, seed: 5 },
        { servers: { direct: readyAfter(300) } },
      );
    });

    it('shares a seed in a round, and has another in the next', () => {
      const { records, header } = run;
      const legs = legsOf(records);
      const [, second] = header.rounds;
      expect(legs.map(({ seed }) => seed)).toEqual([5, 5, second?.seed, second?.seed]);
      // All attempts of such short legs are kept whole: their schedules can be read.
      const schedules = legs.map(({ fromUs }, index) => {
        const untilUs = legs[index + 1]?.fromUs ?? Number.POSITIVE_INFINITY;
        return records
          .flatMap((record) => (record.type === 'interval' ? record.slowest : []))
          .filter(({ scheduledUs }) => scheduledUs >= fromUs && scheduledUs < untilUs)
          .map(({ scheduledUs }) => scheduledUs - fromUs)
          .sort((one, other) => one - other);
      });
      expect(schedules[0]).toHaveLength(40);
      expect(schedules[1]).toEqual(schedules[0]);
      expect(schedules[3]).toEqual(schedules[2]);
      expect(schedules[2]).not.toEqual(schedules[0]);
    });

    it('ends each leg before the next begins, on one axis of time', () => {
      const { records, summary } = run;
      const legs = legsOf(records);
      const ends = records.filter((record): record is LegEndRecord => record.type === 'legEnd');
      expect(legs[0]?.fromUs).toBe(0);
      expect(ends).toHaveLength(4);
      ends.forEach(({ atUs }, index) => {
        expect(atUs).toBeGreaterThan((legs[index]?.fromUs ?? 0) + 1_000_000);
        expect(atUs).toBeLessThan(legs[index + 1]?.fromUs ?? Number.POSITIVE_INFINITY);
      });
      expect(records.at(-1)).toMatchObject({ type: 'end', atUs: ends[3]?.atUs });
      const header = records[0];
      if (header?.type !== 'header') throw new Error('no header');
      const fold = createSummary(header);
      for (const record of records) fold.add(record);
      expect(fold.finish()).toEqual(summary);
    });
  });

  it('repeats a scenario without variants as one, base', async () => {
    const scenario = { load: constantRate(40, '500ms'), repeat: 2 };
    const { summary, header } = await runVariantsVirtually(scenario);
    expect(header.variants.map(({ name }) => name)).toEqual(['base']);
    expect(summary.variants.base?.rounds).toHaveLength(2);
    expect(summary.variants.base?.accounting.ok).toBe(40);
  });
});

describe('a run of variants that is stopped', () => {
  it('drains the leg that goes on, begins no other, and keeps what was measured', async () => {
    let legs = 0;
    const observer = ({ stop }: Hands) => ({
      legStarted: () => {
        legs++;
      },
      interval: () => {
        if (legs === 2) stop.abort();
      },
    });
    const scenario = {
      load: constantRate(40, '1s'),
      variants: { a: {}, b: { load: { duration: '60s' } } },
      repeat: 2,
    };
    const run = await runVariantsVirtually(scenario, {
      servers: { direct: readyAfter(200) },
      observer,
    });
    const { summary, reasons, exitCode, records, drivers } = run;
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', accounting: { inFlight: 0 } });
    expect(reasons).toContain('interrupted');
    expect(exitCode).toBe(105);
    const { a, b } = summary.variants;
    const wholeLeg = { stoppedBy: 'end', metrics: { latency: { count: 40 } } };
    expect(a?.rounds).toMatchObject([wholeLeg]);
    expect(b?.rounds).toMatchObject([{ stoppedBy: 'signal' }]);
    expect(b?.accounting.ok).toBeGreaterThan(40);
    expect(b?.accounting.due).toBe(b?.accounting.ok);
    expect(drivers.map(({ openConnections }) => openConnections)).toEqual([0, 0]);
  });

  it('by a condition of one variant runs the others, and ends as stopped by it', async () => {
    const { summary, records, reasons, notes } = await runVariantsVirtually(
      {
        load: constantRate(40, '3s'),
        stop: { errorRate: 0.2 },
        variants: { broken: { target: 'pooled' }, fine: {} },
      },
      { servers: { direct: readyAfter(1), pooled: refuseEvery(2) } },
    );
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['broken', 'fine']);
    expect(notes.at(-1)).toMatch(
      /^broken, round 1: .* failed, .*; the run continues with the next leg$/,
    );
    expect(summary.variants.broken).toMatchObject({
      stoppedBy: 'condition',
      rounds: [{ stoppedBy: 'condition' }],
    });
    expect(summary.variants.broken?.accounting.due).toBeLessThan(120);
    expect(summary.variants.fine).toMatchObject({ stoppedBy: 'end', accounting: { ok: 120 } });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^broken, round 1: \d+ of the last \d+ attempts failed/);
    expect(reasons).toContain('stopCondition');
  });

  it('between two legs begins no other', async () => {
    const { summary, records, exitCode } = await runVariantsVirtually(
      { load: constantRate(40, '60s'), variants: { a: {}, b: {} } },
      { observer: ({ stop }) => ({ legStarted: () => stop.abort() }) },
    );
    expect(legsOf(records)).toHaveLength(1);
    expect(summary.variants.b?.rounds).toEqual([]);
    expect(exitCode).toBe(105);
  });

  it('by the kill switch begins no other', async () => {
    const { summary, records } = await runVariantsVirtually(
      { load: constantRate(40, '60s'), killSwitch: true, variants: { a: {}, b: {} } },
      {
        observer: (hands) => ({ interval: () => hands.probes?.raise('the canary died') }),
      },
    );
    expect(legsOf(records)).toHaveLength(1);
    expect(summary).toMatchObject({
      stoppedBy: 'condition',
      reason: 'kill switch: the canary died',
    });
    expect(summary.variants.b?.rounds).toEqual([]);
  });
});
