import { expect, it } from 'vitest';
import { normaliseMessage } from '../../src/model/normalise.ts';

it.each([
  ['sorry, too many clients already', 'sorry, too many clients already'],
  [
    'too many tcp connections (global client_max 100)',
    'too many tcp connections (global client_max N)',
  ],
  ['connect to 10.0.0.7:5432 took 3.25 s', 'connect to N:N took N s'],
  ['odyssey: c3f0a81b9d2e4: too many clients', 'odyssey: X: too many clients'],
  ['odyssey: s3f0a81b9d2e4: too many clients', 'odyssey: X: too many clients'],
  ['request 123e4567-e89b-12d3-a456-426614174000 failed', 'request X failed'],
  ['C0AC5F0D7F7F0000:error:0A000126:SSL routines', 'X:error:X:SSL routines'],
  ['database "app1_20260101" does not exist', 'database "app1_20260101" does not exist'],
  ['the backend deadlocked', 'the backend deadlocked'],
  ['an unclosed "quote 12', 'an unclosed "quote N'],
  ['', ''],
])('normalises %j', (message, normalised) => {
  expect(normaliseMessage(message)).toBe(normalised);
});
