import { expect, it } from 'vitest';
import { summariseMetric } from '../../../src/analysis/figures/quantiles.ts';
import { Histogram } from '../../../src/model/histogram.ts';
import { describeScram } from '../../../src/report/run/scram.ts';

function describe(derivations: number, salts: number, logins?: number, cache = true): string {
  const waits = new Histogram();
  if (logins !== undefined) waits.record(1000, logins);
  const counted = logins === undefined ? {} : { waits: summariseMetric(waits) };
  return describeScram({
    scram: { derivations, salts, cache, shortestUs: 3000, meanUs: 3500, ...counted },
  });
}

it.each([
  [
    'keys that others reused',
    describe(1, 1, 150),
    'SCRAM: the salted password was derived once for 150 logins; the other logins reused it (connection.scramCache); a client without such a cache needs some ms of CPU for each connect',
  ],
  [
    'a single login',
    describe(1, 1, 1),
    'SCRAM: the salted password was derived once for one login: its CPU time is in auth',
  ],
  [
    'a salt for every login',
    describe(120, 120, 120),
    'SCRAM: the salted password was derived 120 times for 120 logins, so no login reused one (connection.scramCache), because the server sent 120 salts. The CPU time of this is in auth',
  ],
  [
    'more salts than are counted',
    describe(5000, 1000, 5000),
    'SCRAM: the salted password was derived 5,000 times for 5,000 logins, so no login reused one (connection.scramCache), because the server sent at least 1,000 salts. The CPU time of this is in auth',
  ],
  [
    'an older file, which does not count logins',
    describe(2, 1),
    'SCRAM: the salted password was derived 2 times; a client without such a cache needs some ms of CPU for each connect',
  ],
  [
    'no cache',
    describe(3, 1, 3, false),
    'SCRAM: the salted password was derived 3 times, at every login: its CPU time is in auth',
  ],
])('tells of %s', (_, told, expected) => {
  expect(told).toBe(expected);
});

it('tells of attempts that were abandoned before a derivation ended', () => {
  const scram = { derivations: 0, salts: 1, cache: true, shortestUs: 0, meanUs: 0, abandoned: 7 };
  expect(describeScram({ scram })).toBe(
    'SCRAM: no key was derived to the end; 7 attempts were abandoned while they waited for a key',
  );
});
