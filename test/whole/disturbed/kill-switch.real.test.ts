import { describe, expect, it, type TestContext } from 'vitest';
import { checkAccounting } from '../../../src/model/accounting.ts';
import { observe, runStorm } from '../../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
} from '../../support/servers/known-server.ts';

/** The kill switch of whole searches. test/run/search.test.ts has them in virtual time. */

/** Each test has a server of its own: they mostly wait, and several run at a time. */
const start = (
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  behaviour: Behaviour = {},
): Promise<KnownServer> => startDuring(onTestFinished, behaviour);

/** The preflight's two connections and the canary's. */
const BEFORE = 3;

describe.concurrent('the kill switch', () => {
  it('ends a search that keeps others out, whose answer is a wall all the same', async (context) => {
    const server = await start(context, { postmaster: { serialMs: 1, slots: BEFORE + 5 } });
    const load = { executor: 'saturation-search', stepDuration: '3s', maxDuration: '30s' };
    const storm = { load, connection: { hold: '500ms' }, killSwitch: true };
    const { summary } = await runStorm(server.url, storm);
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(
      /^kill switch: new connections beside the storm are refused .*: raise/,
    );
    expect(summary.capacity).toMatchObject({ kind: 'wall' });
    expect(summary.capacity?.reason).toMatch(/^\d+ of \d+ connects were refused \(53300/);
  });

  it('ends the step of a search, which goes on when the target is in time again', async (context) => {
    const server = await start(context);
    const load = {
      executor: 'saturation-search',
      stepDuration: '3s',
      startRate: 20,
      maxRate: 30,
      growth: 1.5,
    };
    let steps = 0;
    const observer = observe([], {
      stepOpened: () => {
        steps++;
        if (steps === 2) void server.stallFor(3000).catch(() => {});
      },
    });
    // So long that a busy machine does not hold the canary up as long by itself, three times in a row.
    const storm = { load: { ...load, maxDuration: '20s' }, killSwitch: { canary: '500ms' } };
    const { summary, records } = await runStorm(server.url, storm, { observer });
    const decisions = records.filter((it) => it.type === 'decision');
    const ended = decisions.find(({ decision }) => decision === 'endStep');
    // One long wait, or several: how the machine cut the stall up.
    expect(ended?.reason).toMatch(
      /^kill switch: the canary (waited for|has had no) (an )?answers?\b.*\b500 ms/,
    );
    expect(decisions.some(({ decision }) => decision === 'kill' || decision === 'notBack')).toBe(
      false,
    );
    expect(summary.stoppedBy).toBe('end');
    // The step was no longer than until then.
    const step = summary.steps[1];
    expect(step?.toUs).toBe(ended?.atUs);
    // It does not count as sustained (where others took CPU meanwhile, it says nothing), and the next ones were run.
    const tried = summary.capacity?.curve.find(
      ({ offeredPerSecond }) => offeredPerSecond === step?.startRatePerSecond,
    );
    expect((tried?.bad ?? 0) + (tried?.invalid ?? 0) + (tried?.unsure ?? 0)).toBeGreaterThan(0);
    expect(summary.steps.length).toBeGreaterThan(2);
    expect(checkAccounting(summary.accounting, summary.connections, { complete: true })).toEqual(
      [],
    );
  });

  it('ends a search whose target is too slow before anything is asked of it', async (context) => {
    const server = await start(context, { queryDelayMs: 300 });
    const load = { executor: 'saturation-search', stepDuration: '3s', startRate: 20, maxRate: 20 };
    const { summary } = await runStorm(server.url, { load, killSwitch: { canary: '100ms' } });
    expect(summary.stoppedBy).toBe('condition');
    expect(summary.reason).toMatch(
      /^kill switch: the canary (waited for|has had no) (an )?answers?\b.* 100 ms/,
    );
  });

  it('gives a search up whose target is no faster later', async (context) => {
    const server = await start(context);
    const load = { executor: 'saturation-search', stepDuration: '3s', startRate: 20, maxRate: 20 };
    const observer = observe([], {
      stepOpened: () => void server.stallFor(14_000).catch(() => {}),
    });
    const storm = { load: { ...load, maxDuration: '40s' }, killSwitch: { canary: '200ms' } };
    const { summary } = await runStorm(server.url, storm, { observer });
    expect(summary.stoppedBy).toBe('end');
    expect(summary.steps).toHaveLength(1);
    expect(summary.capacity?.reason).toMatch(
      /^the target did not recover: kill switch: .*; 10 s later the target still answered no faster$/,
    );
  });
});
