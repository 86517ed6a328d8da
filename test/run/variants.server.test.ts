import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { LegRecord, ResultRecord } from '../../src/result/records/records.ts';
import { constantRate, observe, runStorm, runVariants } from '../support/run-storm.ts';
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
  it('drains the leg that goes on, begins no other, and leaves nothing open', async () => {
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
    const { summary, records } = await runVariants(
      [server.url],
      { load: LOAD, variants: { a: {}, b: { load: { duration: '60s' } } }, repeat: 2 },
      { stop: stop.signal, observer },
    );
    expect(legsOf(records).map(({ variant }) => variant)).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', accounting: { inFlight: 0 } });
    expect((await server.counters()).open).toBe(0);
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
      /^variant b wants the target replica, and the lab has direct, pooled: set lab.replicas to 1 or more, or give it with --target replica=URL$/,
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
