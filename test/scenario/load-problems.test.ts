import { describe, expect, it } from 'vitest';
import { collectOverrides } from '../../src/scenario/file/overrides.ts';
import { findCapWarnings } from '../../src/scenario/plan/cap-warnings.ts';
import { planRun } from '../../src/scenario/plan/plan.ts';
import { parseScenario } from '../support/synthetic/parse-scenario.ts';

const STEADY = 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }';

function listProblems(rest: string, args: Record<string, unknown> = {}): string[] {
  try {
    parseScenario(`shows: a\n${rest}`, 'x.yaml', collectOverrides(args, {}));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('a load that cannot be run', () => {
  it.each([
    ['load: { executor: burst, clients: 0 }', '2:35 load.clients must be at least 1, got 0'],
    [
      'load: { executor: constant-clients, clients: 0, duration: 1s }',
      '2:46 load.clients must be at least 1, got 0',
    ],
    [
      'load: { executor: ramping-clients, stages: [{ duration: 5s, target: 0 }] }',
      '2:44 load.stages must have at least one client at some time, got none',
    ],
    [
      'load: { executor: burst, clients: 5, window: 3s, duration: 2s }',
      '2:60 load.duration must be no less than load.window (3s), got 2s',
    ],
    [
      'load: { executor: constant-clients, clients: 5, duration: 1s, think: { min: 2s, max: 1s } }',
      '2:77 load.think.min must be at most load.think.max (1s), got 2s',
    ],
    [
      'load: { executor: constant-clients, clients: 5, duration: 1s, think: 5 }',
      '2:70 load.think must have a unit (5s or 5ms?), got 5',
    ],
    [
      `${STEADY}\nretry: { policy: fixed }`,
      '3:1 retry.timeout is missing: with policy fixed set how long each attempt may take, such as 5s, because without a limit an attempt that gets no answer is never retried',
    ],
    [
      `${STEADY}\nretry: { policy: fixed, timeout: 1s, base: 20s }`,
      '3:44 retry.base must be at most retry.cap (10s), got 20s',
    ],
    [
      `${STEADY}\nretry: { policy: jitter, timeout: 1s }`,
      '3:18 retry.policy must be none, immediate, fixed, exponential or full-jitter, got "jitter"',
    ],
    [
      `${STEADY}\nretry: { policy: fixed, timeout: 1s }\nconnection: { close: abandon, abandonAfter: 2s }`,
      '4:45 connection.abandonAfter must be below retry.timeout (1s), or no attempt is abandoned, got 2s',
    ],
    [
      `${STEADY}\nconnection: { hosts: each-attempt, close: abandon, abandonAfter: 2s }`,
      '3:22 connection.hosts cannot be each-attempt with connection.close abandon, which gives up single attempts: leave out one of the two',
    ],
    [
      `${STEADY}\nstop: { errorRate: 5% }`,
      '3:20 stop.errorRate must be a share above 0 and up to 1 (0.05 for 5 %), got "5%"; write 0.05, without a unit',
    ],
    [
      `${STEADY}\nstop: { errorRate: 5 }`,
      '3:20 stop.errorRate must be a share above 0 and up to 1 (0.05 for 5 %), got 5',
    ],
    [
      `${STEADY}\nstop: { errorRate: 0 }`,
      '3:20 stop.errorRate must be a share above 0 and up to 1 (0.05 for 5 %), got 0',
    ],
    [
      `${STEADY}\nstop: {}`,
      '3:7 stop must have a condition (errorRate, failedInARow, maxOpen, after), or nothing is stopped',
    ],
    [
      `${STEADY}\nstop: { window: 5s }`,
      '3:17 stop.window does nothing without stop.errorRate: add that, or leave window out',
    ],
    [
      `${STEADY}\nstop: { after: 5s, minAttempts: 5 }`,
      '3:33 stop.minAttempts does nothing without stop.errorRate: add that, or leave minAttempts out',
    ],
    [
      'load:\n  a: { executor: burst, clients: 5, startTime: 20s }\nstop: { after: 10s }',
      '3:48 load.a.startTime must be before stop.after (10s), or the block never begins, got 20s',
    ],
    [
      'load:\n  a: { executor: burst, clients: 5, startTime: 7d }',
      '3:3 load.a.duration must take at most 7d in all',
    ],
    [
      'load:\n  a: { executor: burst, clients: 5 }\n  1b: { executor: burst, clients: 5 }',
      '4:3 load.1b is not a name of a block: letters, digits, _ and -, a letter first',
    ],
    [
      'load:\n  a: { executor: brust, clients: 5, windo: 1s }',
      '3:37 load.a: unknown field `windo`; did you mean `window`?',
    ],
  ])('%j is told so', (rest, problem) => {
    expect(listProblems(rest)).toContainEqual(`x.yaml:${problem}`);
  });

  it('needs no timeout where nobody tries again', () => {
    expect(listProblems(`${STEADY}\nretry: { policy: none, goal: 1s }`)).toEqual([]);
  });

  it('in a map of blocks has no --rate of its own', () => {
    const blocks = 'load:\n  a: { executor: constant-arrival-rate, rate: 5, duration: 1s }';
    expect(listProblems(blocks, { rate: '9' })).toEqual([
      '--rate 9: ambiguous: load has blocks of its own names; set one, as in --set load.a.rate=9',
    ]);
    expect(listProblems(blocks, { set: ['load.a.rate=9'] })).toEqual([]);
  });
});

describe('caps that are too small are told before the run', () => {
  const warn = (text: string, maxInFlight = 500, cure = 'raise maxInFlight'): string[] =>
    findCapWarnings(planRun(parseScenario(`shows: a\n${text}`, 'x.yaml')), { maxInFlight, cure });
  const rate = (fields: string): string =>
    `load: { executor: constant-arrival-rate, duration: 10s, ${fields} }`;

  it("do not advise to raise what the target bounds, but for a block's own cap", () => {
    const slots = 'lower the load, or raise max_connections';
    const herd = 'load: { executor: burst, clients: 800';
    expect(warn(`${herd} }`, 287, slots)).toEqual([expect.stringMatching(`dropped; ${slots}$`)]);
    expect(warn(`${herd}, maxInFlight: 100 }`, 287, slots)).toEqual([
      expect.stringMatching(/dropped; raise maxInFlight$/),
    ]);
  });

  it.each([
    [rate('rate: 100'), []],
    [
      rate('rate: 2000, maxInFlight: 4'),
      [
        'with at most 4 in flight at 2000/s, each connect of load has only 2 ms: arrivals will be dropped; raise maxInFlight',
      ],
    ],
    [
      'load: { executor: burst, clients: 800 }',
      [
        'load brings 800 clients at once with at most 500 in flight: 300 of them will be dropped; raise maxInFlight',
      ],
    ],
    [
      `${rate('rate: 100, maxOpen: 150')}\nconnection: { hold: 2s }`,
      [
        'load would hold 200 connections and maxOpen is 150: arrivals will be dropped; raise it, or shorten connection.hold',
      ],
    ],
    [`${rate('rate: 100, maxOpen: 200')}\nconnection: { hold: 2s }`, []],
    ['load: { executor: burst, clients: 8, maxOpen: 9 }', []],
    [
      'load: { a: { executor: constant-clients, clients: 30, duration: 1s, maxOpen: 20 } }',
      ['load.a has up to 30 clients and room for 20: the others wait for their turn'],
    ],
  ])('%j', (text, warnings) => {
    expect(warn(text)).toEqual(warnings);
  });
});
