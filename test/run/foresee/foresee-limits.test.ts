import { describe, expect, it } from 'vitest';
import {
  type Demand,
  foreseeLimits,
  type Supply,
} from '../../../src/run/foresee/foresee-limits.ts';

const SECOND_US = 1_000_000;

const DEMAND: Demand = {
  ratePerSecond: 400,
  arrivalCount: 1_000_000,
  clientCount: 0,
  close: 'terminate',
  holdUs: 0,
  maxInFlight: 500,
  maxOpen: Number.POSITIVE_INFINITY,
  isCapShort: false,
  isTcp: true,
  isLoopback: false,
  localAddresses: 0,
  hosts: 1,
};

const SUPPLY: Supply = {
  descriptors: { limit: 20_000, inUse: 30 },
  localPorts: 28_232,
  freeSlots: 100,
  slotLimit: 'server',
};

const PORTS = /run out of local ports/;
const DESCRIPTORS = /run out of file descriptors/;
const SLOTS = /fill the target/;

describe('foreseeLimits', () => {
  it.each<[string, Partial<Demand>, Partial<Supply>, RegExp[]]>([
    ['400/s: 24,000 in TIME_WAIT', {}, {}, []],
    ['471/s for 60 s: 28,260', { ratePerSecond: 471 }, {}, [PORTS]],
    ['a short run of the same rate', { ratePerSecond: 471, arrivalCount: 28_232 }, {}, []],
    ['two local addresses', { ratePerSecond: 900, localAddresses: 2 }, {}, []],
    ['two hosts', { ratePerSecond: 900, hosts: 2 }, {}, []],
    ['the server keeps TIME_WAIT', { ratePerSecond: 900, close: 'server-first' }, {}, []],
    ['a reset leaves none', { ratePerSecond: 900, close: 'reset' }, {}, []],
    ['loopback takes them again', { ratePerSecond: 900, isLoopback: true }, {}, []],
    ['a Unix socket has none', { ratePerSecond: 900, isTcp: false }, {}, []],
    ['unknown ports', { ratePerSecond: 900 }, { localPorts: null }, []],
    [
      'more held than there are ports',
      { holdUs: 'end', close: 'reset', arrivalCount: 30_000 },
      { freeSlots: null, descriptors: null },
      [PORTS],
    ],
    ['maxInFlight alone', { maxInFlight: 19_971 }, {}, [DESCRIPTORS]],
    ['maxInFlight just fits', { maxInFlight: 19_970 }, {}, []],
    ['no more than there are arrivals', { maxInFlight: 30_000, arrivalCount: 100 }, {}, []],
    [
      'held and in flight together',
      { ratePerSecond: 100, holdUs: 195 * SECOND_US },
      { freeSlots: null },
      [DESCRIPTORS],
    ],
    ['unknown limit', { maxInFlight: 30_000 }, { descriptors: null }, []],
    ['rate x hold just fits', { ratePerSecond: 100, holdUs: SECOND_US }, {}, []],
    ['rate x hold too much', { ratePerSecond: 101, holdUs: SECOND_US }, {}, [SLOTS]],
    [
      'the longest hold counts',
      { ratePerSecond: 101, holdUs: { minUs: 0, maxUs: SECOND_US } },
      {},
      [SLOTS],
    ],
    ['held to the end', { holdUs: 'end', arrivalCount: 101 }, {}, [SLOTS]],
    [
      'held to the end, of no more open',
      { holdUs: 'end', arrivalCount: 101, maxOpen: 100 },
      {},
      [],
    ],
    ['more open than there are slots', { holdUs: 'end', maxOpen: 101 }, {}, [SLOTS]],
    [
      'clients of whom no more may be open',
      { arrivalCount: 0, ratePerSecond: 0, clientCount: 101, maxOpen: 100 },
      {},
      [],
    ],
    ['all at once, not held', { ratePerSecond: Infinity, arrivalCount: 500 }, {}, []],
    ['all at once, held', { ratePerSecond: Infinity, arrivalCount: 500, holdUs: 1 }, {}, [SLOTS]],
    ['clients, as many as slots', { arrivalCount: 0, ratePerSecond: 0, clientCount: 100 }, {}, []],
    [
      'more clients than slots',
      { arrivalCount: 0, ratePerSecond: 0, clientCount: 101 },
      {},
      [/101 clients have a connection each, and it has 100 free slots/],
    ],
    ['a pooler, or unknown slots', { holdUs: 'end', arrivalCount: 101 }, { freeSlots: null }, []],
  ])('%s', (_, demand, supply, expected) => {
    const told = foreseeLimits({ ...DEMAND, ...demand }, { ...SUPPLY, ...supply });
    expect(told).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('tells the numbers and what to change', () => {
    const [ports] = foreseeLimits({ ...DEMAND, ratePerSecond: 1000 }, SUPPLY);
    expect(ports).toBe(
      'this plan may run out of local ports: 1,000/s leaves up to 60,000 connections in TIME_WAIT on this machine, for 60 s each, and there are 28,232 ports: lower the rate to 470/s, close by server-first or reset, or use more localAddresses',
    );
    const [slots] = foreseeLimits({ ...DEMAND, holdUs: 2_500_000 }, SUPPLY);
    expect(slots).toContain(
      '400/s, each connection held for 2.5 s, make 1,000 connections at once, and it has 100 free slots',
    );
    expect(slots).toMatch(
      /lower the rate, limit what is open \(load\.maxOpen\), or raise max_connections$/,
    );
    const [ofRole] = foreseeLimits(
      { ...DEMAND, holdUs: 2_500_000 },
      { ...SUPPLY, slotLimit: 'role' },
    );
    expect(ofRole).toMatch(
      /lower the rate, limit what is open \(load\.maxOpen\), or raise the role's connection limit$/,
    );
    const [descriptors] = foreseeLimits({ ...DEMAND, maxInFlight: 20_000 }, SUPPLY);
    expect(descriptors).toContain(
      '20,000 in flight and 0 held, and 19,970 are free (ulimit -n 20,000): raise ulimit -n to 20,030',
    );
  });
});

it('does not advise less room in flight to a plan that is short of it', () => {
  const supply = { ...SUPPLY, descriptors: { limit: 100, inUse: 30 } };
  const [plain] = foreseeLimits(DEMAND, supply);
  expect(plain).toMatch(/raise ulimit -n to [\d,]+, or lower maxInFlight and hold$/);
  const [short] = foreseeLimits({ ...DEMAND, isCapShort: true }, supply);
  expect(short).toMatch(/raise ulimit -n to [\d,]+, or lower the load$/);
});
