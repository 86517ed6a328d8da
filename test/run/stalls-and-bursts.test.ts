import { expect, it } from 'vitest';
import { renderReport } from '../../src/report/terminal.ts';
import { constantRate } from '../support/run-storm.ts';
import { runVirtually, type VirtualServer } from '../support/virtual/virtual-run.ts';

/** Whole runs in virtual time; test/whole has both against servers, in windows.real.test.ts and burst.real.test.ts. */

it('a steady run shows when its server stalled', async () => {
  /** Nothing is answered between 2 s and 5 s of the run, which begins a moment after the threads do. */
  const stall: VirtualServer = ({ startUs }) => ({
    ready: 1000 + (startUs >= 2_000_000 && startUs < 5_000_000 ? 5_000_000 - startUs : 0),
  });
  const load = constantRate(20, '7s', { maxInFlight: 400 });
  const { summary } = await runVirtually(
    { load, connection: { timeout: '30s' } },
    {
      servers: { direct: stall },
    },
  );
  const windows = summary.windows ?? [];
  expect(windows.reduce((sum, { ok }) => sum + ok, 0)).toBe(140);
  // Nothing came of what was offered, for two windows at least, and then all of it at once.
  const still = windows.filter(({ ok, offeredPerSecond = 0 }) => ok === 0 && offeredPerSecond > 10);
  expect(still.length).toBeGreaterThanOrEqual(2);
  const after = windows.find(({ fromUs }) => fromUs >= (still.at(-1)?.toUs ?? 0));
  expect(after?.achievedPerSecond).toBeGreaterThan(30);
  expect(after?.latency?.maxUs).toBeGreaterThan(2_900_000);
  // Before it the server was as fast as ever.
  expect(windows[0]?.latency?.p50Us).toBe(1000);
});

it("a burst's line counts its own clients, and their reconnects apart", async () => {
  const load = { executor: 'burst', clients: 25, window: '1s', duration: '4s', maxInFlight: 50 };
  const retry = { policy: 'fixed', base: '200ms', maxAttempts: 5, timeout: '5s' };
  const { summary, header } = await runVirtually(
    { load, connection: { hold: 'end' }, retry },
    { servers: { direct: () => ({ ready: 1000, cutUs: 1_500_000 }) } },
  );
  const reconnected = summary.sessions?.reconnected ?? 0;
  expect(reconnected).toBeGreaterThanOrEqual(25);
  expect(summary.accounting.ok).toBe(25 + reconnected);
  const style = { columns: 200, colour: false, resultPath: null };
  expect(renderReport({ summary, header }, style)).toMatch(
    new RegExp(
      `^25 within 1 s, 25 connected, the last client [\\d.]+ m?s after the burst began; ${reconnected} reconnects$`,
      'm',
    ),
  );
});

it.each([1, 2, 3])(
  '4 s at 97/s are exactly 388 arrivals at the same moments on %i workers',
  async (workers) => {
    const run = await runVirtually({ load: constantRate(97, '4s'), workers });
    expect(run.header.plan).toMatchObject({ workers, arrivalCount: 388 });
    expect(run.summary.accounting).toMatchObject({ due: 388, begun: 388, started: 388, ok: 388 });
    expect(run.summary.rates.offeredPerSecond).toBeCloseTo(97, 6);
    const scheduled = run.attempts.map(({ index, scheduledUs }) => [index, scheduledUs]);
    const moments = Array.from({ length: 388 }, (_, index) => [
      index,
      Math.round((index * 1e6) / 97),
    ]);
    expect(scheduled.sort(([one = 0], [other = 0]) => one - other)).toEqual(moments);
  },
);
