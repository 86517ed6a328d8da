import { describe, expect, it, onTestFinished } from 'vitest';
import type { LegRecord, ResultRecord } from '../../../src/result/records/records.ts';
import { constantRate, observe, runStorm, runVariants } from '../../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  waitForCounters,
} from '../../support/servers/known-server.ts';

let server: KnownServer;
const start = async (behaviour: Behaviour = {}): Promise<string> => {
  server = await startDuring(onTestFinished, behaviour);
  return server.url;
};

/** Logins of a run's own check: one as the storm, one with pg. */
const CHECK = 2;
/** 20 arrivals in its 500 ms, 10 of them in a warm-up of half of that. */
const LOAD = constantRate(40, '500ms');
const WARM = { load: LOAD, warmUp: '250ms' };

const legsOf = (records: ResultRecord[]): LegRecord[] =>
  records.flatMap((record) => (record.type === 'leg' ? [record] : []));

describe('a warm-up', () => {
  it('comes before every leg, seen by the server and in no figure', async () => {
    const url = await start();
    const { summary, records, header, notes } = await runVariants([url], {
      ...WARM,
      variants: { a: {}, b: {} },
    });
    expect(summary).toMatchObject({
      stoppedBy: 'end',
      accounting: { due: 40, started: 40, ok: 40 },
    });
    expect((await server.counters()).logins).toBe(CHECK + 2 * (20 + 10));
    expect(legsOf(records).map(({ warmedUs }) => warmedUs)).toEqual([250_000, 250_000]);
    expect(header.variants.map(({ plan }) => plan.warmUpUs)).toEqual([250_000, 250_000]);
    // T0 is after it.
    expect(legsOf(records)[0]?.fromUs).toBe(0);
    expect(notes).toContain('warm-up: 250 ms of the same load before each leg; it is not measured');
  });

  it('is there without variants as well, drained before the first arrival', async () => {
    // Room for the leg alone, whose connections are held as those before it were.
    const url = await start({ readyDelayMs: 300, postmaster: { serialMs: 0, slots: 20 } });
    const { summary, header } = await runStorm(url, {
      ...WARM,
      connection: { hold: 'end' },
    });
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20 });
    expect(header.plan).toMatchObject({ warmUpUs: 250_000, arrivalCount: 20 });
    expect((await server.counters()).logins).toBe(CHECK + 20 + 10);
  });

  it('tells of its failures for people alone, with the first', async () => {
    const url = await start({ spareFirst: CHECK, refuseEvery: 2 });
    const { summary, notes, records } = await runVariants([url], {
      ...WARM,
      variants: { a: {}, b: {} },
    });
    const told = notes.filter((note) => note.includes('failures'));
    const what = 'which no figure counts; the first: 53300 sorry, too many clients already';
    expect(told).toEqual([
      `a, round 1: the warm-up had 5 failures in 10 attempts, ${what}`,
      `b, round 1: the warm-up had 5 failures in 10 attempts, ${what}`,
    ]);
    expect(summary.accounting).toMatchObject({ started: 40, failed: 20 });
    expect(legsOf(records)).toHaveLength(2);
  });

  it('that comes to nothing says so', async () => {
    const load = {
      executor: 'ramping-arrival-rate',
      startRate: 0,
      stages: [{ duration: '1s', target: 40 }],
    };
    const { notes } = await runStorm(await start(), { load, warmUp: '1ms' });
    expect(notes).toContain('the warm-up made no attempt, so nothing is warm');
  });

  it('is ended early by a stop condition, and its leg is run all the same', async () => {
    const url = await start({ spareFirst: CHECK, refuseEvery: 1 });
    const { notes, records, summary } = await runVariants([url], {
      load: constantRate(20, '10s'),
      warmUp: '10s',
      stop: { failedInARow: 5 },
      variants: { a: {} },
    });
    expect(notes).toContainEqual(
      expect.stringMatching(/^the warm-up was ended early: \d+ attempts in a row failed/),
    );
    expect(legsOf(records)[0]?.warmedUs).toBeLessThan(10_000_000);
    expect(summary.accounting.failed).toBeGreaterThanOrEqual(5);
  });
});

describe('a run that is stopped in a warm-up', () => {
  it('by Ctrl-C has not begun, and leaves nothing open', async () => {
    const url = await start();
    const stop = new AbortController();
    const notes: string[] = [];
    const observer = observe([], { note: (text) => notes.push(text) });
    const storm = runStorm(
      url,
      { load: constantRate(20, '1m'), connection: { hold: 'end' }, warmUp: '1m' },
      { stop: stop.signal, observer },
    );
    const refused = expect(storm).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exit: 'interrupted',
    });
    await waitForCounters(server, ({ logins }) => logins > CHECK + 2);
    stop.abort();
    await refused;
    await waitForCounters(server, ({ open }) => open === 0);
    const told = notes.flatMap((text) => /warm-up, after (\d+) attempts in/.exec(text)?.[1] ?? []);
    expect(told.map(Number)).toEqual([(await server.counters()).accepted - CHECK]);
  });

  it('by Ctrl-C keeps what earlier legs measured', async () => {
    const url = await start();
    const stop = new AbortController();
    const storm = runVariants(
      [url],
      { ...WARM, variants: { a: {}, b: {} } },
      { stop: stop.signal, observer: observe([]) },
    );
    // The second's warm-up.
    await waitForCounters(server, ({ logins }) => logins > CHECK + 10 + 20 + 2);
    stop.abort();
    const { summary, records } = await storm;
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', exitCode: 105, accounting: { ok: 20 } });
  });

  it('by the kill switch leaves the server alone: no arrival of its leg begins', async () => {
    const url = await start();
    const storm = runVariants([url], {
      load: { executor: 'burst', clients: 20, duration: '1m' },
      connection: { hold: 'end' },
      warmUp: '1m',
      killSwitch: true,
      variants: { a: {}, b: {} },
    });
    /** The canary's beside. */
    const before = CHECK + 1;
    await waitForCounters(server, ({ logins }) => logins >= before + 20);
    await server.cutAll();
    const { summary, records, notes } = await storm;
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(/^kill switch: the canary died/);
    expect(summary.accounting).toMatchObject({ begun: 0, started: 0 });
    expect(legsOf(records)).toHaveLength(1);
    expect(notes).toContainEqual(expect.stringMatching(/^a, round 1: in the warm-up: kill switch/));
  });
});
