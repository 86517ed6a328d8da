import { describe, expect, it } from 'vitest';
import {
  findPlace,
  goesOnAfter,
  type HostTurnsPlan,
} from '../../../src/load/clients/host-turns.ts';
import type { Failure } from '../../../src/model/measures.ts';

const GIVEN: HostTurnsPlan = { hostCount: 3, isShuffled: false, wanted: 'primary' };
const KEY = { seed: 7, index: 0, connect: 0 };

const list = (plan: HostTurnsPlan, key = KEY): [host: number, wanted: string][] => {
  const places: [number, string][] = [];
  for (let turn = 0; ; turn++) {
    const place = findPlace(plan, key, turn);
    if (place === undefined) return places;
    expect(place.turn).toBe(turn);
    places.push([place.host, place.wanted]);
  }
};

describe('the turns of a connect', () => {
  it('are all hosts in the order given, once', () => {
    expect(list(GIVEN)).toEqual([
      [0, 'primary'],
      [1, 'primary'],
      [2, 'primary'],
    ]);
  });

  it('are all hosts for a standby, then all for any server, under prefer-standby', () => {
    expect(list({ ...GIVEN, hostCount: 2, wanted: 'prefer-standby' })).toEqual([
      [0, 'prefer-standby'],
      [1, 'prefer-standby'],
      [0, 'any'],
      [1, 'any'],
    ]);
  });

  it('are each host once in an order that the seed, the arrival and the connect decide', () => {
    const plan = { ...GIVEN, isShuffled: true };
    const orders = Array.from({ length: 6_000 }, (_, index) =>
      list(plan, { ...KEY, index })
        .map(([host]) => host)
        .join(''),
    );
    const counts = new Map<string, number>();
    for (const order of orders) counts.set(order, (counts.get(order) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    // 1,000 each; 150 are five standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    expect(list(plan, { ...KEY, index: 5 })).toEqual(list(plan, { ...KEY, index: 5 }));
    const retries = Array.from({ length: 50 }, (_, connect) =>
      list(plan, { ...KEY, connect }).join(' '),
    );
    expect(new Set(retries).size).toBe(6);
  });

  it('keep the drawn order in the second pass of prefer-standby', () => {
    const plan = { ...GIVEN, isShuffled: true, wanted: 'prefer-standby' } as const;
    const hosts = list(plan).map(([host]) => host);
    expect(hosts.slice(3)).toEqual(hosts.slice(0, 3));
  });
});

describe('libpq goes on at the next host', () => {
  const failure = (over: Partial<Failure>): Failure => ({
    layer: 'server',
    phase: 'ready',
    code: '',
    message: '',
    ...over,
  });
  it.each<[boolean, string, Partial<Failure>]>([
    [true, 'a refused connection', { layer: 'network', phase: 'tcp', code: 'ECONNREFUSED' }],
    [true, 'a timeout, whatever the phase', { layer: 'timeout', phase: 'auth', code: 'TIMEOUT' }],
    [true, 'a server that starts up', { code: '57P03', phase: 'spawn' }],
    [true, 'a server of the wrong role', { code: 'SESSION_ATTRS' }],
    [false, 'a full server', { code: '53300' }],
    [false, 'a wrong password', { code: '28P01', phase: 'auth' }],
    [false, 'a server that breaks off', { layer: 'network', phase: 'spawn', code: 'CLOSED' }],
    [false, 'bytes that are not Postgres', { layer: 'protocol', code: 'NOT_POSTGRES' }],
  ])('%s after %s', (goesOn, _, over) => {
    expect(goesOnAfter(failure(over))).toBe(goesOn);
  });
});
