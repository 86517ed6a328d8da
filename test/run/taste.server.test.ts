import { describe, expect, it, onTestFinished } from 'vitest';
import { constantRate, observe, runStorm, runVariants } from '../support/run-storm.ts';
import { type Behaviour, startDuring, waitForCounters } from '../support/servers/known-server.ts';

const start = async (behaviour: Behaviour = {}): Promise<string> =>
  (await startDuring(onTestFinished, behaviour)).url;

/** A server that takes one connection at a time, 40 ms each: 25 a second. */
const SLOW: Behaviour = { postmaster: { serialMs: 40 } };
/** Half a minute, unless it is ended. */
const LONG_TASTE = { load: constantRate(20, '1s'), taste: { duration: '30s' } };
/** Logins of a run's own check: one as the storm, one with pg. */
const CHECK = 2;
const TASTE = { share: 0.4, duration: '1s', clients: 4 };

describe('a taste', () => {
  it('gives all variants a share of what the slowest took, and the file replays that rate', async () => {
    const [fast, slow] = [await start(), await start(SLOW)];
    const { header, summary, notes } = await runVariants([`direct=${slow}`, `pooled=${fast}`], {
      load: constantRate(100, '1s'),
      variants: { direct: { target: 'direct' }, pooled: { target: 'pooled' } },
      taste: TASTE,
    });
    const { taste } = header;
    expect(taste?.takenPerSecond.direct).toBeGreaterThan(0);
    expect(taste?.takenPerSecond.direct).toBeLessThanOrEqual(29);
    // On a busy machine even the fast one may be the slower one.
    const [slowest] = Object.entries(taste?.takenPerSecond ?? {}).sort(([, a], [, b]) => a - b);
    expect(taste?.ratePerSecond).toBeLessThanOrEqual(0.4 * (slowest?.[1] ?? 0));
    for (const { spec, plan } of header.variants) {
      expect(spec.load).toMatchObject({ rate: taste?.ratePerSecond });
      expect(spec).not.toHaveProperty('taste');
      expect(plan.arrivalCount).toBe(Math.floor(taste?.ratePerSecond ?? 0));
    }
    const [direct, pooled] = Object.values(summary.variants);
    expect(direct?.accounting.due).toBe(pooled?.accounting.due);
    expect(summary.accounting.due).toBe(2 * Math.floor(taste?.ratePerSecond ?? 0));
    expect(notes.join('\n')).toMatch(
      new RegExp(`^rate [\\d.]+/s: 40% of what ${slowest?.[0]} achieved in a closed loop`, 'm'),
    );
    expect(notes.join('\n')).toMatch(/arrivals in 1 s are too few for a good p99/);
  });

  it('is ended by a stop, and nothing is left behind', async () => {
    const server = await startDuring(onTestFinished, SLOW);
    const stop = new AbortController();
    const running = runStorm(server.url, LONG_TASTE, { stop: stop.signal });
    const refused = running.catch((error: unknown) => String(error));
    await waitForCounters(server, ({ logins }) => logins > CHECK + 2);
    stop.abort();
    const said = await refused;
    await waitForCounters(server, ({ open }) => open === 0);
    const [, started, ok] =
      /interrupted before the storm began; the taste of base had made (\d+) attempts in [\d.]+ m?s, and (\d+) of them were connected; there is no result of it$/.exec(
        String(said),
      ) ?? [];
    // All that the server saw of it is told.
    const { logins, accepted } = await server.counters();
    expect([Number(started), Number(ok)]).toEqual([accepted - CHECK, logins - CHECK]);
  });

  it('does not begin where it is stopped while its threads start', async () => {
    const server = await startDuring(onTestFinished, SLOW);
    const stop = new AbortController();
    const note = (text: string): void => {
      if (text.startsWith('at most')) setImmediate(() => stop.abort());
    };
    const observer = observe([], { note });
    const running = runStorm(server.url, LONG_TASTE, { stop: stop.signal, observer });
    await expect(running).rejects.toThrow('interrupted before the storm began');
    expect((await server.counters()).accepted).toBe(CHECK);
  });
});
