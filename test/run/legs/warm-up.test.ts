import { describe, expect, it } from 'vitest';
import type { LegRecord, ResultRecord } from '../../../src/result/records/records.ts';
import { constantRate } from '../../support/run-storm.ts';
import {
  type Hands,
  runVariantsVirtually,
  runVirtually,
} from '../../support/virtual/virtual-run.ts';
import { readyAfter, refuseEvery } from '../../support/virtual/virtual-servers.ts';

/** Warm-ups in virtual time. warm-up.server.test.ts has them against servers. */

/** 20 arrivals in its 500 ms, 10 of them in a warm-up of half of that. */
const WARM = { load: constantRate(40, '500ms'), warmUp: '250ms' };
const TWO = { ...WARM, variants: { a: {}, b: {} } };

const legsOf = (records: ResultRecord[]): LegRecord[] =>
  records.flatMap((record) => (record.type === 'leg' ? [record] : []));

describe('a warm-up', () => {
  it('comes before every leg, seen by the server and in no figure', async () => {
    const { summary, records, header, attempts } = await runVariantsVirtually(TWO);
    expect(summary).toMatchObject({
      stoppedBy: 'end',
      accounting: { due: 40, started: 40, ok: 40 },
    });
    expect(attempts).toHaveLength(2 * (20 + 10));
    expect(legsOf(records).map(({ warmedUs }) => warmedUs)).toEqual([250_000, 250_000]);
    expect(header.variants.map(({ plan }) => plan.warmUpUs)).toEqual([250_000, 250_000]);
    // T0 is after it.
    expect(legsOf(records)[0]?.fromUs).toBe(0);
  });

  it('is there without variants as well, drained before the first arrival', async () => {
    // Room for the leg alone, whose connections are held as those before it were.
    let drivers: Hands['drivers'] = [];
    const isFull = (): boolean => drivers.some(({ openConnections }) => openConnections >= 20);
    const isOpenBefore = (): boolean =>
      drivers.slice(0, -1).some(({ openConnections }) => openConnections > 0);
    const { summary, header, attempts } = await runVirtually(
      { ...WARM, connection: { hold: 'end' } },
      {
        servers: {
          direct: () => (isFull() || isOpenBefore() ? { failed: 1000 } : { ready: 300_000 }),
        },
        observer: (hands) => {
          drivers = hands.drivers;
          return {};
        },
      },
    );
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20 });
    expect(header.plan).toMatchObject({ warmUpUs: 250_000, arrivalCount: 20 });
    expect(attempts).toHaveLength(20 + 10);
  });

  it('tells of its failures for people alone, with the first', async () => {
    const servers = { direct: refuseEvery(2) };
    const { summary, notes, records } = await runVariantsVirtually(TWO, { servers });
    const told = notes.filter((note) => note.includes('failures'));
    const what = 'they are not in any figure. The first: 53300 sorry, too many clients already';
    expect(told).toEqual([
      `a, round 1: the warm-up had 5 failures in 10 attempts; ${what}`,
      `b, round 1: the warm-up had 5 failures in 10 attempts; ${what}`,
    ]);
    expect(summary.accounting).toMatchObject({ started: 40, failed: 20 });
    expect(legsOf(records)).toHaveLength(2);
  });

  it('that comes to nothing says so', async () => {
    const stages = [{ duration: '1s', target: 40 }];
    const load = { executor: 'ramping-arrival-rate', startRate: 0, stages };
    const { notes } = await runVirtually({ load, warmUp: '1ms' });
    expect(notes).toContain('the warm-up made no attempt, so nothing is warm');
  });

  it('is ended early by a stop condition, and its leg is run all the same', async () => {
    const { notes, records, summary } = await runVariantsVirtually(
      {
        load: constantRate(20, '10s'),
        warmUp: '10s',
        stop: { failedInARow: 5 },
        variants: { a: {} },
      },
      { servers: { direct: refuseEvery(1) } },
    );
    expect(notes).toContainEqual(
      expect.stringMatching(/^the warm-up was ended early: \d+ attempts in a row failed/),
    );
    expect(legsOf(records)[0]?.warmedUs).toBeLessThan(10_000_000);
    expect(summary.accounting.failed).toBeGreaterThanOrEqual(5);
  });
});

describe('a run that is stopped in a warm-up', () => {
  it('by Ctrl-C has not begun, and tells what the warm-up had done', async () => {
    const notes: string[] = [];
    const seen: { hands?: Hands } = {};
    const observer = (hands: Hands) => {
      seen.hands = hands;
      hands.time.at(2_000_000, () => hands.stop.abort());
      return { note: (text: string) => void notes.push(text) };
    };
    const running = runVirtually(
      { load: constantRate(20, '1m'), connection: { hold: 'end' }, warmUp: '1m' },
      { observer },
    );
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 'interrupted' });
    const { attempts = [], drivers = [] } = seen.hands ?? {};
    expect(attempts.length).toBeGreaterThan(30);
    const told = notes.flatMap((text) => /warm-up, after (\d+) attempts in/.exec(text)?.[1] ?? []);
    expect(told.map(Number)).toEqual([attempts.length]);
    expect(drivers.map(({ openConnections }) => openConnections)).toEqual([0]);
  });

  it('by Ctrl-C keeps what earlier legs measured', async () => {
    const { summary, records, exitCode } = await runVariantsVirtually(TWO, {
      servers: { direct: readyAfter(5) },
      // The second's warm-up.
      legEnded: ({ time, stop }) => time.at(time.nowUs + 150_000, () => stop.abort()),
    });
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', accounting: { ok: 20 } });
    expect(exitCode).toBe(105);
  });

  it('by the kill switch leaves the server alone: no arrival of its leg begins', async () => {
    const { summary, records, notes, attempts } = await runVariantsVirtually(
      {
        load: { executor: 'burst', clients: 20, duration: '1m' },
        connection: { hold: 'end' },
        warmUp: '1m',
        killSwitch: true,
        variants: { a: {}, b: {} },
      },
      {
        observer: (hands) => {
          hands.time.at(1_000_000, () => hands.probes?.raise('the canary died'));
          return {};
        },
      },
    );
    expect(summary).toMatchObject({
      stoppedBy: 'condition',
      reason: 'kill switch: the canary died',
    });
    expect(summary.accounting).toMatchObject({ begun: 0, started: 0 });
    expect(attempts).toHaveLength(20);
    expect(legsOf(records)).toHaveLength(1);
    expect(notes).toContainEqual(expect.stringMatching(/^a, round 1: in the warm-up: kill switch/));
  });
});
