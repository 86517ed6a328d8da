import { describe, expect, it } from 'vitest';
import {
  announcesEnd,
  boundFailure,
  describeSocketError,
  isConnectionGone,
  isHeldUpByKeys,
  readServerError,
} from '../../src/drivers/failure.ts';
import type { Failure } from '../../src/model/measures.ts';

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
    expect(failure).toMatchObject({ layer: 'server', phase: 'ready', code, message });
  });
});

describe('the severity of what a server says', () => {
  it.each([
    ['field V, which is not translated', 'S\u0424\u0410\u0422\0VFATAL\0C57P01\0Mx\0\0', 'FATAL'],
    ['field V where the two differ', 'SERROR\0VFATAL\0C57P01\0Mx\0\0', 'FATAL'],
    ['field S of a pooler without V', 'SFATAL\0C08P01\0Mx\0\0', 'FATAL'],
    ['nothing that is translated', 'SSCHWERWIEGEND\0C57P01\0Mx\0\0', undefined],
    ['nothing where there is none', 'C57P01\0Mx\0\0', undefined],
  ])('is read from %s', (_, text, severity) => {
    const buffer = Buffer.from(text);
    expect(readServerError(buffer, 0, buffer.length, 'hold').severity).toBe(severity);
  });

  it.each<[string, Partial<Failure>, boolean]>([
    ['FATAL, whatever its class', { code: '25P03', severity: 'FATAL' }, true],
    ['FATAL of transaction_timeout', { code: '25P04', severity: 'FATAL' }, true],
    ['a warning after which the connection ended', { code: '57P02', severity: 'WARNING' }, true],
    ['an ERROR, whatever its class', { code: '57P04', severity: 'ERROR' }, false],
    ['a query that was cancelled', { code: '57014', severity: 'ERROR' }, false],
    ['operator intervention of unknown severity', { code: '57P01' }, true],
    ['another error of unknown severity', { code: '22012' }, false],
    ['a reset', { layer: 'network', code: 'ECONNRESET' }, true],
    ['a timeout', { layer: 'timeout', code: 'TIMEOUT' }, false],
  ])('tells whether the connection is gone: %s', (_, over, isGone) => {
    const failure: Failure = { layer: 'server', phase: 'query', code: 'x', message: '', ...over };
    expect(isConnectionGone(failure)).toBe(isGone);
  });

  it('announces an end only as a warning of operator intervention', () => {
    expect(announcesEnd('57P02', 'WARNING')).toBe(true);
    expect(announcesEnd('57P01', 'WARNING')).toBe(true);
    expect(announcesEnd('01000', 'WARNING')).toBe(false);
    expect(announcesEnd('57P02', 'NOTICE')).toBe(false);
  });
});

it.each([
  [10_000, 5_000_000, false],
  [500_000, 5_000_000, false],
  [500_001, 5_000_000, true],
  [4_990_000, 5_000_000, true],
  [0, 1000, false],
])('a wait of %i us for keys, of %i us in all, is our fault: %s', (waitedUs, limitUs, isOurs) => {
  expect(isHeldUpByKeys(waitedUs, limitUs)).toBe(isOurs);
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
