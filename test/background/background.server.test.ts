import { describe, expect, it, onTestFinished } from 'vitest';
import type { BackgroundSummary } from '../../src/result/records/background.ts';
import { constantRate, runStorm, type Storm } from '../support/run-storm.ts';
import { type Behaviour, startDuring, waitForCounters } from '../support/servers/known-server.ts';

const load = constantRate(20, '1s');

async function run(behaviour: Behaviour, background: Record<string, unknown>, over = {}) {
  const server = await startDuring(onTestFinished, behaviour);
  const storm = await runStorm(server.url, { load, background, killSwitch: false, ...over });
  // All that was opened is closed when the run is over.
  await waitForCounters(server, ({ open }) => open === 0);
  return { storm, counters: await server.counters() };
}

function activityOf({ summary }: Storm, name: string): BackgroundSummary {
  const found = summary.background?.find((activity) => activity.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** Logins of a run's own check: one as the storm, one with pg. */
const CHECK = 2;

describe('a background', () => {
  it('changes no count of the load, and has its own', async () => {
    const { storm: alone } = await run({}, {});
    const { storm, counters } = await run(
      {},
      {
        many: { activity: 'held', connections: 10, touch: '500ms' },
        readers: { activity: 'queries', clients: 2, rate: 20 },
        stops: { activity: 'cancels', rate: 20 },
        checks: { activity: 'health-checks', rate: 20 },
        ssl: { activity: 'health-checks', kind: 'ssl', rate: 20 },
        logins: { activity: 'health-checks', kind: 'startup', rate: 20 },
        quiet: { activity: 'health-checks', kind: 'silent', rate: 20, stay: '10ms' },
      },
    );
    expect(storm.summary.accounting).toEqual(alone.summary.accounting);
    expect(storm.summary.connections).toEqual(alone.summary.connections);
    expect(storm.summary.metrics.latency?.count).toBe(20);
    expect(storm.header.version).toBe(3);
    expect(alone.header.version).toBe(1);
    expect(alone.summary).not.toHaveProperty('background');
    const done = Object.fromEntries(
      // What is due while all connections are busy is skipped, as on a busy machine.
      (storm.summary.background ?? []).map(({ name, acts }) => [name, acts.done + acts.skipped]),
    );
    expect(done).toEqual({
      many: 20,
      readers: 20,
      stops: 20,
      checks: 20,
      ssl: 20,
      logins: 20,
      quiet: 20,
    });
    expect(counters.cancels).toBe(20);
    // 10 held, 2 readers, 1 for the cancels. Without a password, the server answers a check's login with all it has.
    expect(counters.logins).toBe(CHECK + 20 + 13 + 21);
    // Each kind of check is tried once before the load.
    expect(counters.accepted).toBe(CHECK + 20 + 13 + 20 + 4 * 21);
  });

  it('tells of its latency from the moment when an act was due', async () => {
    const { storm } = await run(
      { queryDelayMs: 40 },
      { readers: { activity: 'queries', clients: 2, rate: 10 } },
    );
    const { latency, acts } = activityOf(storm, 'readers');
    expect(acts).toMatchObject({ due: 10, done: 10 });
    expect(latency?.minUs).toBeGreaterThanOrEqual(40_000);
  });

  it('without a rate keeps every client busy', async () => {
    const { storm } = await run(
      { queryDelayMs: 50 },
      { readers: { activity: 'queries', clients: 3 } },
    );
    const { acts } = activityOf(storm, 'readers');
    expect(acts.due).toBe(acts.done + acts.cancelled);
    expect(acts.done).toBeGreaterThan(3);
    expect(acts.done).toBeLessThanOrEqual(3 * 20);
  });

  it('counts connects that were given up, and those that were ready before', async () => {
    const slow = await run(
      { startupDelayMs: 300 },
      { quit: { activity: 'abandons', rate: 10, after: '50ms' } },
    );
    expect(activityOf(slow.storm, 'quit')).toMatchObject({
      acts: { due: 10, done: 10, failed: 0 },
    });
    expect(activityOf(slow.storm, 'quit')).not.toHaveProperty('inTime');
    const fast = await run({}, { quit: { activity: 'abandons', rate: 10, after: '5s' } });
    expect(activityOf(fast.storm, 'quit')).toMatchObject({ acts: { done: 10 }, inTime: 10 });
  });

  it('opens lost connections again, and tells how long they were away', async () => {
    const { storm } = await run(
      { cutAfterMs: 400 },
      { many: { activity: 'held', connections: 4 } },
    );
    const { kept, errors } = activityOf(storm, 'many');
    expect(kept?.lost).toBeGreaterThanOrEqual(4);
    expect(kept?.back).toBeGreaterThanOrEqual(4);
    expect(kept?.awayUs).toBeGreaterThan(0);
    expect(kept?.longestAwayUs).toBeGreaterThan(0);
    expect(errors[0]).toMatchObject({ code: '57P01', ledger: 'connection' });
    expect(storm.summary.accounting).toMatchObject({ ok: 20, failed: 0 });
  });

  it('holds fewer connections where the target refuses more, and says so', async () => {
    const { storm } = await run(
      { postmaster: { serialMs: 0, slots: 30 } },
      { many: { activity: 'held', connections: 100 } },
    );
    const [opening] = activityOf(storm, 'many').openings ?? [];
    expect(opening).toMatchObject({ asked: 100, opened: 30 });
    expect(opening?.leftOut).toMatch(/refused a further one: 53300/);
  });

  it.each([
    ['held', { activity: 'held', connections: 3 }],
    ['queries', { activity: 'queries', clients: 3 }],
    ['cancels', { activity: 'cancels', rate: 1 }],
    ['health-checks', { activity: 'health-checks', kind: 'startup', rate: 1 }],
  ])('that cannot connect keeps the run from starting, in one line: %s', async (kind, activity) => {
    const behaviour: Behaviour = { refuseEvery: 1, spareFirst: CHECK };
    const refused = await run(behaviour, { it: activity }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'BACKGROUND' });
    const { message } = refused as Error;
    expect(message).toMatch(new RegExp(`^background\\.it \\(${kind}\\): .*too many clients`));
    expect(message).not.toContain('\n');
  });

  it('whose statement fails keeps the run from starting', async () => {
    const failing: Behaviour = { fault: { at: 'query', how: 'query-error' } };
    await expect(run(failing, { readers: { activity: 'queries', clients: 1 } })).rejects.toThrow(
      /^background\.readers \(queries\): its statement failed: /,
    );
  });

  it('that a server without keys for cancel requests cannot have is refused', async () => {
    await expect(
      run({ noBackendKey: true }, { stops: { activity: 'cancels', rate: 1 } }),
    ).rejects.toThrow(/a pooler is in between|sends no key/);
  });
});
