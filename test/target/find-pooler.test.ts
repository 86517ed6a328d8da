import { expect, it } from 'vitest';
import { judgePooler, type SeenBackend } from '../../src/target/find-pooler.ts';

const BARE: SeenBackend = {
  backendPid: 12,
  keyPid: 12,
  formerKeyPid: 11,
  ageUs: 3000,
  elapsedUs: 5000,
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
  expect(judgePooler({ ...BARE, ...over })).toBe(isPooled);
});
