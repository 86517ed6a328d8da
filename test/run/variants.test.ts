import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { UsageError } from '../../src/errors.ts';
import type { LegEndRecord, LegRecord, ResultRecord } from '../../src/result/records/records.ts';
import {
  constantRate,
  observe,
  runStorm,
  runVariants,
  type VariantsStorm,
} from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
} from '../support/servers/known-server.ts';

let servers: KnownServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

async function start(behaviour: Behaviour = {}): Promise<KnownServer> {
  const server = await startKnownServer(behaviour);
  servers.push(server);
  return server;
}

/** Logins of a run's own check: one as the storm, one with pg. */
const CHECK = 2;
const LOAD = constantRate(40, '500ms');
/** No tests of the schedule's seeds without chance in it. */
const POISSON = constantRate(40, '1s', { arrivals: 'poisson' });

const legsOf = (records: ResultRecord[]): LegRecord[] =>
  records.flatMap((record) => (record.type === 'leg' ? [record] : []));

describe('a run of variants', () => {
  it('measures in each what is its own: queries, and the time they take', async () => {
    const server = await start({ queryDelayMs: 40, readyDelayMs: 20 });
    const { summary, notes, records } = await runVariants([server.url], {
      load: LOAD,
      variants: { bare: { connection: { queries: 0 } }, asking: { connection: { queries: 2 } } },
      repeat: 2,
    });
    const { bare, asking } = summary.variants;
    expect(summary).toMatchObject({ stoppedBy: 'end', accounting: { due: 80, ok: 80 } });
    expect(bare?.metrics.firstQuery).toBeUndefined();
    expect(bare?.metrics.query).toBeUndefined();
    expect(asking?.metrics.query?.count).toBe(40);
    expect(asking?.metrics.query?.minUs).toBeGreaterThanOrEqual(39_500);
    expect(asking?.metrics.firstQuery?.minUs).toBeGreaterThanOrEqual(59_500);
    for (const variant of [bare, asking]) {
      expect(variant?.accounting).toMatchObject({ due: 40, ok: 40, inFlight: 0 });
      expect(variant?.metrics.latency?.minUs).toBeGreaterThanOrEqual(19_500);
      expect(variant?.rounds.map(({ metrics }) => metrics.latency?.count)).toEqual([20, 20]);
      expect(variant?.cpuPerConnectUs).toBeGreaterThan(0);
    }
    const counters = await server.counters();
    // One look at the target, not one a variant; its pg login asks, too.
    expect(counters.logins).toBe(80 + CHECK);
    expect(notes.filter((note) => note.startsWith('at most'))).toHaveLength(1);
    expect(legsOf(records).map(({ variant, round }) => `${variant} ${round}`)).toEqual([
      'bare 1',
      'asking 1',
      'asking 2',
      'bare 2',
    ]);
  });

  it('has the slower of two servers slower by what it is, each under its role', async () => {
    // So slow that no machine takes as long by itself for the quickest of twenty connects.
    const [fast, slow] = [await start(), await start({ readyDelayMs: 1_000 })];
    const targets = [`direct=${fast.url}`, `pooled=${slow.url}`];
    const { summary, header } = await runVariants(targets, {
      load: LOAD,
      variants: { a: {}, b: { target: 'pooled' }, c: { target: 'direct' } },
    });
    expect(header.variants.map(({ target }) => [target.role, target.port])).toEqual([
      ['direct', fast.port],
      ['pooled', slow.port],
      ['direct', fast.port],
    ]);
    const { a, b } = summary.variants;
    expect(b?.metrics.serviceTime?.minUs).toBeGreaterThanOrEqual(999_500);
    expect(a?.metrics.serviceTime?.minUs).toBeLessThan(999_500);
    expect((await fast.counters()).logins).toBe(40 + CHECK);
    expect((await slow.counters()).logins).toBe(20 + CHECK);
  });

  describe('of two rounds', () => {
    let run: VariantsStorm;
    beforeAll(async () => {
      const server = await startKnownServer({ readyDelayMs: 300 });
      const variants = { a: {}, b: {} };
      run = await runVariants([server.url], { load: POISSON, variants, repeat: 2, seed: 5 });
      await server.stop();
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
      expect(records.at(-2)).toMatchObject({ type: 'end', atUs: ends[3]?.atUs });
      const header = records[0];
      if (header?.type !== 'header') throw new Error('no header');
      const fold = createSummary(header);
      for (const record of records) fold.add(record);
      expect(fold.finish()).toEqual(summary);
    });
  });

  it('repeats a scenario without variants as one, base', async () => {
    const { url } = await start();
    const { summary, header } = await runVariants([url], { load: LOAD, repeat: 2 });
    expect(header.variants.map(({ name }) => name)).toEqual(['base']);
    expect(summary.variants.base?.rounds).toHaveLength(2);
    expect(summary.variants.base?.accounting.ok).toBe(40);
  });

  it('writes what it always wrote where there are none, and takes the only target whatever its role', async () => {
    const { url } = await start();
    const { records, header } = await runStorm(`pooled=${url}`, { load: LOAD, repeat: 1 });
    expect(header.version).toBe(1);
    expect(header.target.role).toBe('pooled');
    expect(new Set(records.map(({ type }) => type))).toEqual(
      new Set(['header', 'interval', 'sample', 'end', 'summary']),
    );
  });

  it('settles for all variants at a target what one driver needs, and what it says of its timeout', async () => {
    const { url } = await start();
    const { summary, header } = await runVariants([`${url}?connect_timeout=3`], {
      load: LOAD,
      variants: { wire: {}, pg: { connection: { driver: 'pg', timeout: '5s' } } },
    });
    // They differ in the driver alone.
    expect(header.variants.map(({ target }) => target.sslmode)).toEqual(['disable', 'disable']);
    expect(summary.variants.wire?.boundaries).toEqual(summary.variants.pg?.boundaries);
    expect(summary.variants.pg?.accounting.ok).toBe(20);
    expect(
      header.variants.map(({ spec }) => (spec.connection as { timeout: string }).timeout),
    ).toEqual(['3s', '3s']);
  });
});

describe('a run of variants that is stopped', () => {
  it('drains the leg that goes on, begins no other, and keeps what was measured', async () => {
    const server = await start({ readyDelayMs: 200 });
    const stop = new AbortController();
    let legs = 0;
    const observer = observe([], {
      legStarted: () => {
        legs++;
      },
      interval: () => {
        if (legs === 2) stop.abort();
      },
    });
    const { summary, reasons, records } = await runVariants(
      [server.url],
      {
        load: constantRate(40, '1s'),
        variants: { a: {}, b: { load: { duration: '60s' } } },
        repeat: 2,
      },
      { stop: stop.signal, observer },
    );
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', accounting: { inFlight: 0 } });
    expect(reasons).toContain('interrupted');
    expect(summary.exitCode).toBe(105);
    expect(summary.variants.a?.rounds).toMatchObject([
      { stoppedBy: 'end', metrics: { latency: { count: 40 } } },
    ]);
    expect(summary.variants.b?.rounds).toMatchObject([{ stoppedBy: 'signal' }]);
    expect(summary.variants.b?.accounting.ok).toBeGreaterThan(0);
    expect((await server.counters()).open).toBe(0);
  });

  it('by a condition of one variant runs the others, and ends as stopped by it', async () => {
    const [fine, broken] = [await start(), await start({ spareFirst: CHECK, refuseEvery: 2 })];
    const { summary, records, reasons, notes } = await runVariants(
      [`direct=${fine.url}`, `pooled=${broken.url}`],
      {
        load: constantRate(40, '3s'),
        stop: { errorRate: 0.2 },
        variants: { broken: { target: 'pooled' }, fine: {} },
      },
    );
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['broken', 'fine']);
    expect(notes.at(-1)).toMatch(/^broken, round 1: .* failed, .*; on with the next$/);
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
    const { url } = await start();
    const stop = new AbortController();
    const observer = observe([], { legStarted: () => stop.abort() });
    const { summary, records } = await runVariants(
      [url],
      { load: constantRate(40, '60s'), variants: { a: {}, b: {} } },
      { stop: stop.signal, observer },
    );
    expect(legsOf(records)).toHaveLength(1);
    expect(summary.variants.b?.rounds).toEqual([]);
    expect(summary.exitCode).toBe(105);
  });
});

describe('targets by role', () => {
  const two = { load: LOAD, variants: { a: {}, b: { target: 'pooled' } } };
  it.each<[string, string[], Record<string, unknown>, RegExp]>([
    [
      'an unknown role',
      ['postgres://u:pw@127.0.0.1:1/x'],
      two,
      /^variant b wants the target pooled, and there is only direct: give it with --target pooled=URL$/,
    ],
    [
      'a role written wrong',
      ['direct=postgres://u:pw@127.0.0.1:1/x', 'poled=postgres://u:pw@127.0.0.1:1/x'],
      two,
      /did you mean `poled`/,
    ],
    [
      'a role given twice',
      ['a=postgres://u:pw@127.0.0.1:1/x', 'a=host=/tmp'],
      two,
      /^--target gives the role a twice: give one of them another name/,
    ],
    [
      'a target that nothing uses',
      [
        'postgres://u:pw@127.0.0.1:1/x',
        'pooled=postgres://u:pw@127.0.0.1:1/x',
        'replica=host=/tmp',
      ],
      two,
      /^--target replica=\.\.\. is not used by this scenario/,
    ],
    [
      'several targets and none is direct',
      ['a=host=/tmp', 'b=host=/tmp'],
      { load: LOAD },
      /^the scenario names no target, so it uses direct if there are several, and there is a, b/,
    ],
    [
      'a role that the lab has not',
      [],
      { load: LOAD, variants: { a: {}, b: { target: 'replica' } } },
      /^variant b wants the target replica, and the lab has direct, pooled: give it with --target replica=URL$/,
    ],
  ])('refuses %s before anything is started', async (_, targets, scenario, message) => {
    const storm = runVariants(targets, scenario);
    await expect(storm).rejects.toThrow(UsageError);
    await expect(storm).rejects.toThrow(message);
    await expect(storm).rejects.not.toThrow(/pw/);
  });

  it('names the one that is down, before anything is measured', async () => {
    const { url } = await start();
    const gone = await start();
    await gone.stop();
    const port = new URL(gone.url).port;
    const storm = runVariants([url, `pooled=${gone.url}`], two);
    await expect(storm).rejects.toMatchObject({
      exit: 'unreachable',
      message: expect.stringMatching(`^target pooled: .*127\\.0\\.0\\.1:${port}`),
    });
  });

  it('names the variant that does not fit', async () => {
    const { url } = await start();
    const scenario = {
      load: LOAD,
      variants: { a: {}, b: { connection: { localAddresses: ['::1'] } } },
    };
    await expect(runVariants([url], scenario)).rejects.toThrow(
      /^variant b: connection\.localAddresses\[0\] must be /,
    );
    const away = { connection: { localAddresses: ['192.0.2.1'] } };
    await expect(runVariants([url], { ...scenario, variants: { a: away, b: {} } })).rejects.toThrow(
      /^variant a: connection\.localAddresses\[0\] must be an address of this/,
    );
  });

  it('asks once for consent to all of it, and sends nothing before', async () => {
    const server = await start();
    const away = server.url.replace('127.0.0.1', '192.0.2.1');
    const storm = runVariants([server.url, `pooled=${away}`], { ...two, repeat: 3 });
    await expect(storm).rejects.toThrow(
      /127\.0\.0\.1:\d+ and 192\.0\.2\.1:\d+ with up to 40 connects\/s; .*; 120 connects in 3 s: this needs --yes/,
    );
    const warm = { ...two, repeat: 3, warmUp: '250ms' };
    await expect(runVariants([server.url, `pooled=${away}`], warm)).rejects.toThrow(
      /with up to 40 connects\/s; .*; 180 connects in 4\.5 s: this needs --yes/,
    );
    expect((await server.counters()).accepted).toBe(0);
  });
});
