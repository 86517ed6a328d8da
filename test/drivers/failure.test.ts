import { describe, expect, it } from 'vitest';
import { boundFailure, describeSocketError, readServerError } from '../../src/drivers/failure.ts';

describe('an ErrorResponse', () => {
  it.each([
    ['SFATAL\0C53300\0Mtoo many\0\0', '53300', 'too many'],
    ['Mno code\0\0', 'XX000', 'no code'],
    ['C\0Man empty code\0\0', 'XX000', 'an empty code'],
    [`C${'9'.repeat(20_000)}\0Ma code without end\0\0`, 'XX000', 'a code without end'],
    ['C53300', '53300', ''],
    ['', 'XX000', ''],
  ])('of %j has a code of five characters', (text, code, message) => {
    const buffer = Buffer.from(text);
    const failure = readServerError(buffer, 0, buffer.length, 'ready');
    expect(failure).toEqual({ layer: 'server', phase: 'ready', code, message });
  });
});

describe('a failure', () => {
  it('is bounded in code and message, by whole characters', () => {
    const long = { code: '5'.repeat(3000), message: '\u{1f418}'.repeat(3000) };
    expect(boundFailure({ layer: 'protocol', phase: 'auth', ...long })).toEqual({
      layer: 'protocol',
      phase: 'auth',
      code: `${'5'.repeat(61)}...`,
      message: `${'\u{1f418}'.repeat(197)}...`,
    });
  });
});

it('quotes of a certificate without names no empty list', () => {
  const reason = "IP: 127.0.0.1 is not in the cert's list: ";
  const problem = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', reason, message: 'x' };
  expect(describeSocketError(problem, 'tls')).toMatchObject({
    layer: 'protocol',
    message: "TLS: IP: 127.0.0.1 is not in the cert's list",
  });
});
