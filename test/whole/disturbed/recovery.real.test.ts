import { expect, it, onTestFinished } from 'vitest';
import { describeRecovery } from '../../../src/report/recovery/describe-recovery.ts';
import { constantRate, runStorm } from '../../support/run-storm.ts';
import { startForRun, waitForCounters } from '../../support/servers/known-server.ts';

const SECOND_US = 1_000_000;

it('a server that cuts its sessions and then stalls for 2 s has an outage of 2 s', async () => {
  const server = await startForRun(onTestFinished);
  const storm = runStorm(server.url, {
    load: constantRate(100, '12s'),
    connection: { hold: '1s', timeout: '5s' },
    retry: { policy: 'full-jitter', base: '100ms', timeout: '5s' },
    workers: 2,
  });
  await waitForCounters(server, ({ logins }) => logins >= 502);
  await server.cutAll();
  const stalledMs = await server.stallFor(2000);
  const { summary } = await storm;
  const [recovery, ...others] = summary.recovery ?? [];
  expect(others).toEqual([]);
  if (recovery === undefined) throw new Error('there are no recovery figures');
  const { outage, recovered } = recovery;
  if (outage.kind !== 'seen') throw new Error(describeRecovery(recovery).join('\n'));
  expect(Math.abs(outage.us - stalledMs * 1000)).toBeLessThanOrEqual(
    200_000 + 2 * outage.resolutionUs,
  );
  // On a busy machine latency may stay above twice that before. test/whole/disturbed/recovery.test.ts has it in virtual time.
  expect(recovered.kind).toMatch(/^(recovered|not-recovered)$/);
  expect(recovery.allBack).toMatchObject({ kind: 'back' });
  expect(summary.metrics.sessionLatency?.maxUs).toBeGreaterThan(1.8 * SECOND_US);
});

it('a herd of 200 drains in 0.8 s at a server that takes one every 4 ms', async () => {
  const server = await startForRun(onTestFinished, { postmaster: { serialMs: 4 } });
  const { summary } = await runStorm(server.url, {
    load: { executor: 'burst', clients: 200, duration: '3s' },
    connection: { hold: '0s' },
  });
  const [step] = summary.steps;
  const takenUs = (step?.lastConnectedUs ?? 0) - (step?.fromUs ?? 0);
  expect(Math.abs(takenUs - 0.8 * SECOND_US)).toBeLessThanOrEqual(0.08 * SECOND_US);
});
