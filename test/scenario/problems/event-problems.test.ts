import { describe, expect, it } from 'vitest';
import { planEvents } from '../../../src/scenario/events/plan-events.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const LOAD = { executor: 'constant-arrival-rate', rate: 10, duration: '10s' };

/** Returns what is wrong, a line each, without the place in the file. */
function listProblems(events: unknown, over: Record<string, unknown> = {}): string[] {
  const text = JSON.stringify({ shows: 'a test', load: LOAD, events, ...over });
  try {
    parseScenario(text, 'test.json');
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .map((line) => line.replace(/^test\.json:\d+:\d+ /, ''));
  }
}

describe('events', () => {
  it('of every kind are accepted, in any order', () => {
    const events = [
      { at: '9s', do: 'start' },
      { at: '1s', do: 'restart' },
      { at: '2s', do: 'crash' },
      { at: '3s', do: 'stall', duration: '1s' },
      { at: '4s', do: 'drop-all' },
      { at: '5s', do: 'reload', allow: '1s' },
      { at: '5500ms', do: 'promote' },
      { at: '6s', do: 'exec', command: './failover.sh', timeout: '5s' },
      { at: '7s', do: 'stop', mode: 'smart' },
      { at: '8s', do: 'exec', command: 'true' },
    ];
    expect(
      listProblems(events, { lab: { replicas: 1 } }).filter((it) => !/replicas/.test(it)),
    ).toEqual([]);
  });

  it('may be an empty list', () => {
    expect(listProblems([])).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'two at one moment, however they are written',
      [
        { at: '1s', do: 'reload' },
        { at: '1000ms', do: 'drop-all' },
      ],
      'events[1].at must not be the same moment as that of events[0], because their order would not be known, got 1000ms: put it at least 1us earlier or later',
    ],
    [
      'one at the end of the load',
      [{ at: '10s', do: 'reload' }],
      'events[0].at must be before the end of the load (10s), or no load would meet the event, got 10s',
    ],
    [
      'an unknown kind',
      [{ at: '1s', do: 'reboot' }],
      'events[0].do must be restart, stop, start, crash, stall, drop-all, reload, promote or exec, got "reboot"',
    ],
    [
      'a field of another kind',
      [{ at: '1s', do: 'reload', mode: 'fast' }],
      'events[0]: unknown field `mode`; known: at, allow, do',
    ],
    [
      'a command that is missing',
      [{ at: '1s', do: 'exec' }],
      'events[0].command is missing: it must be text',
    ],
    [
      'a stall that outlasts what it allows',
      [{ at: '1s', do: 'stall', duration: '2s', allow: '2s' }],
      'events[0].duration must be shorter than allow (2s), which is how long the event may take, got 2s',
    ],
    [
      'a promotion without a standby',
      [{ at: '1s', do: 'promote' }],
      'events[0].do cannot be promote without a standby: set lab.replicas to 1 or more',
    ],
    [
      'a start without a stop',
      [{ at: '1s', do: 'start' }],
      'events[0].do cannot be start, because no stop comes before it: leave it out',
    ],
    [
      'what a stopped server cannot do',
      [
        { at: '2s', do: 'crash' },
        { at: '1s', do: 'stop' },
      ],
      'events[0].do cannot be crash, because events[1] has stopped the server: put a start in between',
    ],
    ['something that is no event', ['restart'], 'events[0] must be a map of fields, got "restart"'],
  ])('with %s are refused', (_, events, problem) => {
    expect(listProblems(events)).toEqual([problem]);
  });

  it('cannot be used with a search', () => {
    const load = { executor: 'saturation-search' };
    expect(listProblems([{ at: '1s', do: 'restart' }], { load })).toEqual([
      expect.stringMatching(/^events cannot be used with saturation-search: /),
    ]);
  });

  it('promote a standby once', () => {
    const events = [
      { at: '2s', do: 'promote' },
      { at: '1s', do: 'promote' },
    ];
    expect(listProblems(events, { lab: { replicas: 2 } })).toEqual([
      'events[0].do cannot be promote again, because events[1] has promoted the standby: leave one of them out',
    ]);
  });

  it('cannot take away for good the server that the kill switch watches', () => {
    const listFor = (lostPrimary: boolean, killSwitch: unknown): string[] =>
      listProblems([{ at: '1s', do: 'promote', lostPrimary }], {
        lab: { replicas: 1 },
        killSwitch,
      });
    expect(listFor(true, true)).toEqual([
      'events[0].lostPrimary cannot be true with killSwitch, which watches the primary and would end the run because it does not come back: leave killSwitch out',
    ]);
    expect([...listFor(true, false), ...listFor(false, true)]).toEqual([]);
  });

  it('after the moment at which the run is stopped never begin', () => {
    expect(listProblems([{ at: '5s', do: 'reload' }], { stop: { after: '5s' } })).toEqual([
      'events[0].at must be before stop.after (5s), or the event would never begin, got 5s',
    ]);
  });

  it('are all checked, whatever is wrong elsewhere', () => {
    const events = [
      { at: 5, do: 'reload' },
      { at: '11s', do: 'reload' },
    ];
    expect(listProblems(events, { connection: { hold: 'always' } })).toHaveLength(3);
  });
});

it('are planned at their places in the list, with their defaults', () => {
  expect(
    planEvents([
      { at: '2s', do: 'exec', command: 'true', allow: '60s', timeout: '5s' },
      { at: '1s', do: 'stop', mode: 'fast', allow: '2s' },
    ]),
  ).toEqual([
    {
      index: 0,
      atUs: 2_000_000,
      allowUs: 60_000_000,
      action: { kind: 'exec', command: 'true', timeoutUs: 5_000_000 },
    },
    { index: 1, atUs: 1_000_000, allowUs: 2_000_000, action: { kind: 'stop', mode: 'fast' } },
  ]);
});
