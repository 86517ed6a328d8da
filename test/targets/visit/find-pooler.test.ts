import { expect, it } from 'vitest';
import { judgeBackend, type SeenBackend } from '../../../src/targets/visit/find-pooler.ts';

const BARE: SeenBackend = {
  backendPid: 12,
  keyPid: 12,
  formerKeyPid: 11,
  ageUs: 3000,
  elapsedUs: 5000,
  ownPort: 50_000,
  seenPort: 50_000,
};

it.each<[string, Partial<SeenBackend>, boolean | null]>([
  ['a backend of its own for each login', {}, false],
  ['one whose age is not told', { ageUs: undefined }, false],
  ['one a little older, by two clocks', { ageUs: 14_000 }, false],
  ['a pid that the pooler made up', { keyPid: 4711 }, true],
  ['a backend that is older than its connection', { ageUs: 60_000_000 }, true],
  ['the backend of the login before', { formerKeyPid: 12 }, true],
  ['no BackendKeyData', { keyPid: null }, null],
  ['no BackendKeyData, and an old backend', { keyPid: null, ageUs: 60_000_000 }, true],
  ['a backend that does not tell its pid', { backendPid: null }, null],
  [
    'a backend that tells nothing but an age beyond its connection',
    { backendPid: null, keyPid: null, ageUs: 1e9 },
    true,
  ],
])('judges %s', (_, over, isPooled) => {
  expect(judgeBackend({ ...BARE, ...over })).toEqual({ pooler: isPooled, between: false });
});

it.each<[string, Partial<SeenBackend>, boolean]>([
  ['the port that is ours', {}, false],
  ['no port, where the server does not tell', { seenPort: undefined }, false],
  ['no port on a Unix socket, where we are on one', { ownPort: null, seenPort: null }, false],
  ['another port than ours', { seenPort: 50_001 }, true],
  ['a Unix socket, where we are at a port', { seenPort: null }, true],
  ['a port, where we are on a Unix socket', { ownPort: null }, true],
])('sees somebody in between or not by %s', (_, over, between) => {
  const pooler = between ? null : false;
  expect(judgeBackend({ ...BARE, ...over })).toEqual({ pooler, between });
});

it.each<[string, Partial<SeenBackend>, boolean | null]>([
  ['a pooler that is proven', { keyPid: 4711 }, true],
  ['what sends no BackendKeyData', { keyPid: null }, null],
])('leaves %s as it is, whatever the port', (_, over, pooler) => {
  expect(judgeBackend({ ...BARE, ...over, seenPort: 50_001 })).toEqual({ pooler, between: false });
});
