import { expect, it } from 'vitest';
import { noteLimits } from '../../../src/run/foresee/note-limits.ts';
import { createNotes } from '../../../src/run/notes.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const target = { address: '127.0.0.1' };
const slots = { max: 100, reserved: 3, used: 67, free: 30 };
type Found = Parameters<typeof noteLimits>[0][number]['found'][number];
const BARE: Found = { target, server: { pooler: false, slots } };

/** Of a server with 30 free slots. */
function tellLimits(load: string, { maxInFlight = 1000 } = {}, found = [BARE]): string[] {
  const text = `shows: a\nload: ${load}\nconnection: { hold: 1s }\n`;
  const told: string[] = [];
  const plan = planRun(parseScenario(text, 'x.yaml'));
  const variant = { name: 'base', plan, maxInFlight, inFlightCure: 'lower the load', found };
  noteLimits([variant], createNotes({ note: (note) => told.push(note) }));
  return told.filter((note) => note.includes('may fill the target'));
}

it.each<[string, string, { maxInFlight?: number }, RegExp[]]>([
  [
    'a herd',
    '{ executor: burst, clients: 60 }',
    {},
    [/60 at once, each connection held for 1 s, make 60 conn.*30 free/],
  ],
  ['of which most are dropped', '{ executor: burst, clients: 60 }', { maxInFlight: 20 }, []],
  ['by its own cap', '{ executor: burst, clients: 60, maxInFlight: 20 }', {}, []],
  [
    'that comes in a window',
    '{ executor: burst, clients: 60, window: 1s }',
    {},
    [/60\/s, each connection held for 1 s/],
  ],
  ['of which no more may be open', '{ executor: burst, clients: 60, maxOpen: 30 }', {}, []],
  [
    'two of them',
    '{ a: { executor: burst, clients: 20 }, b: { executor: burst, clients: 20 } }',
    { maxInFlight: 20 },
    [/40 at once/],
  ],
  ['clients', '{ executor: constant-clients, clients: 31, duration: 1s }', {}, [/31 clients have/]],
  [
    'clients of whom no more may be open',
    '{ executor: constant-clients, clients: 31, maxOpen: 30, duration: 1s }',
    {},
    [],
  ],
  ['a rate', '{ executor: constant-arrival-rate, rate: 31, duration: 2s }', {}, [/31\/s/]],
])('tells before the run which slots %s may fill', (_, load, caps, expected) => {
  expect(tellLimits(load, caps)).toEqual(expected.map((text) => expect.stringMatching(text)));
});

it("tells of PgBouncer's clients as of a server's slots, if its console says how many it accepts", () => {
  const herd = '{ executor: burst, clients: 60 }';
  const known: Found = {
    target,
    server: { pooler: true, slots: null, clients: { max: 90, used: 50 } },
  };
  expect(tellLimits(herd, {}, [known])).toEqual([
    expect.stringMatching(/it has 40 free slots.* raise the pooler's max_client_conn$/),
  ]);
  const silent: Found = { target, server: { pooler: true, slots: null } };
  expect(tellLimits(herd, {}, [silent])).toEqual([]);
  expect(tellLimits(herd, {}, [known, silent])).toEqual([]);
});
