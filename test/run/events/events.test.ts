import { describe, expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import type { ServerControl } from '../../../src/lab/postgres/server-control.ts';
import type { EventRecord } from '../../../src/result/records/events.ts';
import {
  type Hands,
  runVariantsVirtually,
  runVirtually,
} from '../../support/virtual/virtual-run.ts';

/** Events of whole runs in virtual time, with a lab that a test speaks for. */

const SECOND_US = 1_000_000;
const LOAD = { executor: 'constant-arrival-rate', rate: 10, duration: '10s' };

/** A lab whose every order takes `us` of virtual time. */
function fakeLab({ time }: Hands, log: string[], us = 100_000): ServerControl {
  const act = (what: string, lasts = us): Promise<void> =>
    new Promise((resolve) => {
      log.push(`${what} at ${Math.round(time.nowUs / 1000) / 1000}`);
      time.at(time.nowUs + lasts, resolve);
    });
  return {
    pid: 4711,
    stop: (mode) => act(`stop ${mode}`),
    start: () => act('start'),
    crash: async () => 99,
    stall: (durationUs) => act('stall', durationUs),
  };
}

const listEvents = (records: readonly { type: string }[]): EventRecord[] =>
  records.filter((record): record is EventRecord => record.type === 'event');

const run = (
  events: readonly Record<string, unknown>[],
  options: Parameters<typeof runVirtually>[1] = {},
  over: Record<string, unknown> = {},
) => runVirtually({ load: LOAD, events, ...over }, options);

describe('events', () => {
  it('begin at their moments after T0, and each has one beginning and one end', async () => {
    const log: string[] = [];
    const { records, summary, header, exitCode } = await run(
      [
        { at: '6s', do: 'stall', duration: '1s' },
        { at: '2s', do: 'restart', mode: 'immediate', allow: '5s' },
        { at: '4s', do: 'crash' },
      ],
      { acts: (hands) => ({ lab: { control: fakeLab(hands, log) } }) },
    );
    expect(header).toMatchObject({
      version: 3,
      plan: {
        events: [
          { kind: 'stall', text: 'stall 1 s', atUs: 6 * SECOND_US, allowUs: 60 * SECOND_US },
          { kind: 'restart', text: 'restart immediate', allowUs: 5 * SECOND_US },
          { kind: 'crash', text: 'crash' },
        ],
      },
    });
    const told = listEvents(records);
    expect(told.map(({ index, state }) => `${index} ${state}`)).toEqual([
      '1 begun',
      '1 done',
      '2 begun',
      '2 done',
      '0 begun',
      '0 done',
    ]);
    expect(told[1]).toEqual({
      type: 'event',
      index: 1,
      kind: 'restart',
      state: 'done',
      fromUs: 2 * SECOND_US,
      stoppedUs: 2.1 * SECOND_US,
      toUs: 2.2 * SECOND_US,
      allowUntilUs: 7 * SECOND_US,
      detail: 'the postmaster is process 4711 now',
    });
    expect(told[3]).toMatchObject({ detail: 'backend 99 was killed' });
    expect(told[5]).toMatchObject({ fromUs: 6 * SECOND_US, toUs: 7 * SECOND_US });
    expect(summary.events?.map(({ index, state, round }) => [index, state, round])).toEqual([
      [1, 'done', 1],
      [2, 'done', 1],
      [0, 'done', 1],
    ]);
    expect(exitCode).toBe(0);
  });

  it('give the summary that a reader of the file computes', async () => {
    const { records, header, summary } = await run([{ at: '2s', do: 'reload' }]);
    const fold = createSummary(header);
    for (const record of records) fold.add(record);
    expect(fold.finish()).toEqual(summary);
    expect(summary.events).toHaveLength(1);
  });

  it('on the server wait for the one before them, and others do not', async () => {
    const log: string[] = [];
    const { records } = await run(
      [
        { at: '2s', do: 'stop' },
        { at: '3s', do: 'start' },
        { at: '4s', do: 'exec', command: 'true' },
      ],
      { acts: (hands) => ({ lab: { control: fakeLab(hands, log, 3 * SECOND_US) } }) },
    );
    const begun = listEvents(records).filter(({ state }) => state === 'begun');
    expect(begun.map(({ kind, fromUs }) => [kind, fromUs])).toEqual([
      ['stop', 2 * SECOND_US],
      ['exec', 4 * SECOND_US],
      ['start', 5 * SECOND_US],
    ]);
  });

  it('suspend the kill switch for what they allow, from the moment at which they begin', async () => {
    const { probes, summary } = await run(
      [
        { at: '2s', do: 'reload', allow: '3s' },
        { at: '4s', do: 'reload' },
      ],
      {},
      { killSwitch: true },
    );
    const [first = 0, second = 0] = probes?.allowedUs ?? [];
    expect(second - first).toBe(2 * SECOND_US + 57 * SECOND_US);
    expect(summary.stoppedBy).toBe('end');
  });

  it('drop the sessions that the workers name, and say how many', async () => {
    let pids: readonly (readonly number[])[] = [];
    const { records } = await run(
      [{ at: '5500ms', do: 'drop-all' }],
      {
        acts: () => ({
          endSessions: async (given) => {
            pids = given;
            return 20;
          },
        }),
      },
      { connection: { hold: '2s' }, workers: 2 },
    );
    // 10 arrivals a second that are held for 2 s.
    expect(pids).toHaveLength(1);
    expect(new Set(pids[0]).size).toBe(20);
    expect(listEvents(records)[1]).toMatchObject({
      detail: '20 sessions of the storm got the signal to end',
    });
  });

  it('of a warm-up there are none', async () => {
    const { records } = await run([{ at: '500ms', do: 'reload' }], {}, { warmUp: '2s' });
    expect(listEvents(records)).toHaveLength(2);
  });

  it('belong to each leg of a run of variants, with the times of the whole run', async () => {
    const { records, summary } = await runVariantsVirtually({
      load: LOAD,
      variants: { calm: {}, hit: { events: [{ at: '2s', do: 'reload' }] } },
      repeat: 2,
    });
    expect(listEvents(records)).toHaveLength(4);
    const legs = records.flatMap((record) =>
      record.type === 'leg' && record.variant === 'hit' ? [record.fromUs] : [],
    );
    expect(
      listEvents(records).flatMap(({ state, fromUs }) => (state === 'begun' ? [fromUs] : [])),
    ).toEqual(legs.map((fromUs) => fromUs + 2 * SECOND_US));
    expect(summary.variants.calm).not.toHaveProperty('events');
    expect(summary.variants.hit?.events?.map(({ fromUs, round }) => [fromUs, round])).toEqual([
      [2 * SECOND_US, 1],
      [2 * SECOND_US, 2],
    ]);
  });
});

describe('an event that fails', () => {
  it('ends the run with what was measured, and exit code 108', async () => {
    const { summary, exitCode, records } = await run(
      [
        { at: '2s', do: 'exec', command: 'false' },
        { at: '5s', do: 'reload' },
      ],
      { acts: () => ({ runCommand: async () => ({ exitCode: 1, output: 'a\nno such host\n' }) }) },
    );
    expect(summary).toMatchObject({
      stoppedBy: 'event',
      reason:
        'events[0] (exec "false") failed: its exit code is 1, and its last line is: no such host',
    });
    expect(summary.accounting.due).toBe(21);
    expect(exitCode).toBe(108);
    const [, failed, ...others] = listEvents(records);
    expect(failed).toMatchObject({ state: 'failed', command: { exitCode: 1 } });
    expect(others).toEqual([]);
  });

  it('ends the whole run of variants', async () => {
    const { summary, records } = await runVariantsVirtually(
      {
        load: LOAD,
        variants: { hit: { events: [{ at: '2s', do: 'reload' }] }, calm: {} },
      },
      {
        acts: () => ({
          reload: async () => {
            throw new Error('permission denied');
          },
        }),
      },
    );
    expect(summary).toMatchObject({
      stoppedBy: 'event',
      reason: 'events[0] (reload) failed: permission denied',
    });
    expect(records.filter(({ type }) => type === 'leg')).toHaveLength(1);
  });

  it('is one that has not ended when its time is over', async () => {
    const { summary, records } = await run([{ at: '2s', do: 'stop', mode: 'smart', allow: '3s' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, [], 3600 * SECOND_US) } }),
    });
    expect(summary.reason).toBe(
      'events[0] (stop smart) failed: it had not ended when its allow of 3 s was over',
    );
    expect(listEvents(records)[1]).toMatchObject({ state: 'failed', toUs: 5 * SECOND_US });
  });

  it('counts even if it fails after the load', async () => {
    const { summary, exitCode } = await run([{ at: '9900ms', do: 'restart', allow: '5s' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, [], 60 * SECOND_US) } }),
    });
    expect(summary).toMatchObject({ stoppedBy: 'event', accounting: { due: 100, ok: 100 } });
    expect(exitCode).toBe(108);
  });
});

describe('the end of a run', () => {
  it('waits for an event that goes on', async () => {
    const { summary, records } = await run([{ at: '9900ms', do: 'restart' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, [], 3 * SECOND_US) } }),
    });
    expect(summary.stoppedBy).toBe('end');
    expect(listEvents(records)[1]).toMatchObject({ state: 'done', toUs: 15.9 * SECOND_US });
  });

  it('starts a server that was left stopped, so that the next leg has one', async () => {
    const log: string[] = [];
    await run([{ at: '2s', do: 'stop' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, log) } }),
    });
    expect(log).toEqual([
      expect.stringMatching(/^stop fast at 2\./),
      expect.stringMatching(/^start at 10\./),
    ]);
  });

  it('by a signal begins no further event', async () => {
    const { records, summary } = await run([{ at: '5s', do: 'reload' }], {
      observer: ({ time, stop }) => ({
        started: () => time.at(time.nowUs + 2 * SECOND_US, () => stop.abort()),
      }),
    });
    expect(summary.stoppedBy).toBe('signal');
    expect(listEvents(records)).toEqual([]);
  });

  it('by a cancel gives up an event that goes on, and says so', async () => {
    const { records, summary } = await run([{ at: '2s', do: 'stop' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, [], 3600 * SECOND_US) } }),
      observer: ({ time, cancel }) => ({
        started: () => time.at(time.nowUs + 4 * SECOND_US, () => cancel.abort()),
      }),
    });
    expect(summary.stoppedBy).toBe('signal');
    expect(listEvents(records)[1]).toMatchObject({
      state: 'failed',
      reason: 'the run ended before the event did',
    });
  });

  it('by a cancel after the load, while an event goes on, is an interruption and no failure of the event', async () => {
    const { records, summary, exitCode } = await run([{ at: '9s', do: 'stop' }], {
      acts: (hands) => ({ lab: { control: fakeLab(hands, [], 3600 * SECOND_US) } }),
      observer: ({ time, stop, cancel }) => ({
        started: () =>
          time.at(time.nowUs + 20 * SECOND_US, () => {
            stop.abort();
            cancel.abort();
          }),
      }),
    });
    expect(summary).toMatchObject({ stoppedBy: 'signal', reason: 'interrupted' });
    expect(exitCode).toBe(105);
    expect(listEvents(records)[1]).toMatchObject({ state: 'failed' });
  });

  it('keeps what was measured if the server that was left stopped does not start again', async () => {
    const { summary, exitCode } = await run([{ at: '2s', do: 'stop' }], {
      acts: (hands) => ({
        lab: {
          control: {
            ...fakeLab(hands, []),
            start: () => Promise.reject(new Error('no space left on device')),
          },
        },
      }),
    });
    expect(summary).toMatchObject({
      stoppedBy: 'event',
      reason:
        'the server that an event had stopped could not be started again after the load: no space left on device',
      accounting: { due: 100 },
    });
    expect(exitCode).toBe(108);
  });
});

it('tells the observer of each beginning and end', async () => {
  const told: string[] = [];
  await run([{ at: '2s', do: 'reload' }], {
    observer: () => ({ event: ({ kind, state }) => void told.push(`${kind} ${state}`) }),
  });
  expect(told).toEqual(['reload begun', 'reload done']);
});

it('makes the load last until its end, so that the last event meets it', async () => {
  const load = { executor: 'burst', clients: 5, window: '1s' };
  const { records, summary } = await run([{ at: '990ms', do: 'reload' }], {}, { load });
  expect(listEvents(records)).toHaveLength(2);
  expect(summary.accounting.ok).toBe(5);
});
