import { expect, it, onTestFinished } from 'vitest';
import { constantRate, observe, runStorm } from '../support/run-storm.ts';
import { startDuring } from '../support/servers/known-server.ts';

it('a steady run shows when its server stalled', async () => {
  const server = await startDuring(onTestFinished);
  let stalled: Promise<number> | undefined;
  const observer = observe([], {
    interval: ({ toUs }) => {
      if (toUs >= 2_000_000) stalled ??= server.stallFor(3000);
    },
  });
  const load = constantRate(20, '7s', { maxInFlight: 400 });
  const storm = { load, connection: { timeout: '30s' } };
  const { summary } = await runStorm(server.url, storm, { observer });
  const stallUs = ((await stalled) ?? 0) * 1000;
  expect(stallUs).toBeGreaterThan(2_900_000);
  const windows = summary.windows ?? [];
  expect(windows.length).toBeGreaterThanOrEqual(7);
  expect(windows.length).toBeLessThanOrEqual(11);
  expect(windows.reduce((sum, { ok }) => sum + ok, 0)).toBe(140);
  // Nothing came of what was offered, for two windows at least, and then all of it at once.
  const still = windows.filter(({ ok, offeredPerSecond = 0 }) => ok === 0 && offeredPerSecond > 10);
  expect(still.length).toBeGreaterThanOrEqual(2);
  const after = windows.find(({ fromUs }) => fromUs >= (still.at(-1)?.toUs ?? 0));
  expect(after?.achievedPerSecond).toBeGreaterThan(30);
  expect(after?.latency?.maxUs).toBeGreaterThan(2_000_000);
  // Before it the server was as fast as ever.
  expect(windows[0]?.latency?.p50Us).toBeLessThan(2_000_000);
});
