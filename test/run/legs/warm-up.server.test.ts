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
    expect(summary.reason).toMatch(/^kill switch: the canary lost its connection/);
    expect(summary.accounting).toMatchObject({ begun: 0, started: 0 });
    expect(legsOf(records)).toHaveLength(1);
    expect(notes).toContainEqual(expect.stringMatching(/^a, round 1: in the warm-up: kill switch/));
  });
});
