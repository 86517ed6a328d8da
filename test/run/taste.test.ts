import { describe, expect, it } from 'vitest';
import { ConnstormError } from '../../src/errors.ts';
import { parseScenario } from '../../src/scenario/file/parse.ts';
import { findTaste, MOST_TASTED } from '../../src/scenario/plan/taste.ts';
import { constantRate } from '../support/run-storm.ts';
import { type Hands, runVariantsVirtually, runVirtually } from '../support/virtual/virtual-run.ts';
import { readyAfter, refuseEvery, serveInTurn } from '../support/virtual/virtual-servers.ts';

/** Tastes in virtual time. taste.server.test.ts has them against servers. */

const TASTE = { share: 0.4, duration: '1s', clients: 4 };
const BOTH = { direct: { target: 'direct' }, pooled: { target: 'pooled' } };

describe('a taste', () => {
  it('gives all variants a share of what the slowest took, and the file replays that rate', async () => {
    const { header, summary, notes } = await runVariantsVirtually(
      { load: constantRate(100, '1s'), variants: BOTH, taste: TASTE },
      { servers: { direct: serveInTurn(40), pooled: readyAfter(1) } },
    );
    // 25 a second, and those that were begun in time.
    const { takenPerSecond, ratePerSecond = 0 } = header.taste ?? {};
    expect(takenPerSecond?.direct).toBeGreaterThanOrEqual(24);
    expect(takenPerSecond?.direct).toBeLessThanOrEqual(29);
    expect(takenPerSecond?.pooled).toBeGreaterThan(1_000);
    expect(ratePerSecond).toBeCloseTo(0.4 * (takenPerSecond?.direct ?? 0), 0);
    for (const { spec, plan } of header.variants) {
      expect(spec.load).toMatchObject({ rate: ratePerSecond });
      expect(spec).not.toHaveProperty('taste');
      expect(plan.arrivalCount).toBe(Math.floor(ratePerSecond));
    }
    expect(summary.accounting.due).toBe(2 * Math.floor(ratePerSecond));
    expect(notes.join('\n')).toMatch(
      /^rate [\d.]+\/s: 40% of what direct achieved in a closed loop/m,
    );
    expect(notes.join('\n')).toMatch(/arrivals in 1 s are too few for a good p99/);
  });

  it('ends early on a fast target, and the rate is at most load.rate', async () => {
    const { header, summary, attempts } = await runVirtually({
      load: constantRate(2, '1s'),
      taste: { duration: '30s' },
    });
    expect(header.taste).toMatchObject({ ratePerSecond: 2 });
    expect(summary.accounting).toMatchObject({ due: 2, ok: 2 });
    // All of 30 s would be many times as many.
    expect(attempts.length).toBeGreaterThanOrEqual(MOST_TASTED);
    expect(attempts.length).toBeLessThan(1.5 * MOST_TASTED);
  });

  it.each([
    [[], true],
    [['load.duration'], true],
    [['load.rate'], false],
    [['load.rate', 'taste.share'], true],
  ])('is left out where the rate alone is set from outside: %j', (flagged, isTasted) => {
    const loaded = parseScenario(
      JSON.stringify({ shows: 'x', load: constantRate(20, '1s'), taste: {} }),
      'x.json',
    );
    const taste = findTaste({ ...loaded, flagged });
    expect(taste !== undefined).toBe(isTasted);
  });

  it('that comes to no connect ends before the storm, and says how to go on', async () => {
    const running = runVirtually(
      { load: constantRate(20, '1s'), taste: { duration: '500ms' } },
      { servers: { direct: refuseEvery(1) } },
    );
    await expect(running).rejects.toThrow(
      /no connect succeeded in the taste of base \(53300 .*\): set the rate yourself, as in --rate 20/,
    );
    await expect(running).rejects.toBeInstanceOf(ConnstormError);
  });

  it('that is stopped tells what it had done, and what the one before took', async () => {
    let hands: Hands | undefined;
    const running = runVariantsVirtually(
      { load: constantRate(100, '1s'), variants: BOTH, taste: { duration: '30s' } },
      {
        servers: {
          direct: readyAfter(1),
          pooled: (...args) => {
            if (args[1] === 10) hands?.stop.abort();
            return serve(...args);
          },
        },
        observer: (own) => {
          hands = own;
          return {};
        },
      },
    );
    const serve = serveInTurn(40);
    const said = await running.catch((error: unknown) => String(error));
    const [, started, ok] =
      /began; direct achieved \d+\/s in its taste; the taste of pooled had made (\d+) attempts in [\d.]+ m?s, and (\d+) of them were connected; there is no result of it$/.exec(
        String(said),
      ) ?? [];
    expect(Number(started)).toBeGreaterThan(10);
    expect(Number(started)).toBe(Number(ok));
  });
});
