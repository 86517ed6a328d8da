import { expect, it, onTestFinished } from 'vitest';
import { renderReport } from '../../src/report/terminal.ts';
import { runStorm } from '../support/run-storm.ts';
import { startDuring } from '../support/servers/known-server.ts';

it("a burst's line counts its own clients, and their reconnects apart", async () => {
  const server = await startDuring(onTestFinished, { cutAfterMs: 1500, spareFirst: 2 });
  const load = { executor: 'burst', clients: 25, window: '1s', duration: '4s', maxInFlight: 50 };
  const retry = { policy: 'fixed', base: '200ms', maxAttempts: 5, timeout: '5s' };
  const storm = { load, connection: { hold: 'end' }, retry };
  const { summary, header } = await runStorm(server.url, storm);
  const reconnected = summary.sessions?.reconnected ?? 0;
  expect(reconnected).toBeGreaterThanOrEqual(25);
  expect(summary.accounting.ok).toBe(25 + reconnected);
  const report = renderReport(
    { summary, header },
    { columns: 200, colour: false, resultPath: null },
  );
  expect(report).toMatch(
    new RegExp(
      `^25 within 1 s, 25 connected, the last client [\\d.]+ m?s after the burst began; ${reconnected} reconnects$`,
      'm',
    ),
  );
});
