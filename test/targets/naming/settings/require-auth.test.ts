import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { readRequireAuth } from '../../../../src/targets/naming/settings/require-auth.ts';

describe('readRequireAuth', () => {
  it.each([
    ['password', { allowed: ['password'], named: ['password'] }],
    ['scram-sha-256,md5', { allowed: ['md5', 'scram-sha-256'], named: ['md5', 'scram-sha-256'] }],
    ['none', { allowed: ['none'], named: ['none'] }],
    ['!password,!md5', { allowed: ['scram-sha-256', 'none'], named: [] }],
    ['!gss,!sspi,!none', { allowed: ['password', 'md5', 'scram-sha-256'], named: [] }],
  ])('reads %s', (text, expected) => {
    expect(readRequireAuth(text, 'PGREQUIREAUTH')).toEqual({ text, ...expected });
  });

  it.each([
    ['gss', 'PGREQUIREAUTH names gss, which connstorm does not support'],
    ['scram-sha-256,sspi', 'names sspi, which connstorm does not support'],
    ['creds', 'must be a list of password, md5, scram-sha-256, none, got "creds"'],
    ['md5,', 'got ""'],
    ['md5, none', 'got " none"'],
    ['!md5,none', 'must have ! before all methods or before none'],
    ['md5,!none', 'must have ! before all methods or before none'],
    ['md5,md5', 'names md5 more than once'],
  ])('refuses %s', (text, message) => {
    expect(() => readRequireAuth(text, 'PGREQUIREAUTH')).toThrow(UsageError);
    expect(() => readRequireAuth(text, 'PGREQUIREAUTH')).toThrow(message);
  });
});
