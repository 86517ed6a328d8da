import { describe, expect, it } from 'vitest';
import { settleClientEncoding } from '../../../../src/targets/naming/client-encoding.ts';
import { settleKeepalives } from '../../../../src/targets/naming/settings/keepalives.ts';
import { parseConnectionString } from '../../../../src/targets/naming/sources/connection-string.ts';
import { readParameters } from '../../../../src/targets/naming/sources/parameters.ts';

const settle = (text: string) => settleKeepalives(readParameters(parseConnectionString(text)));

describe('keepalives', () => {
  it.each<[string, { idleS?: number; warnings: (string | RegExp)[] }]>([
    ['', { warnings: [] }],
    ['keepalives=1', { warnings: [] }],
    ['keepalives_idle=0 keepalives_interval=0 keepalives_count=0', { warnings: [] }],
    ['keepalives_idle=30', { idleS: 30, warnings: [] }],
    ['keepalives=2 keepalives_idle=30', { idleS: 30, warnings: [] }],
    ['keepalives_idle=30 keepalives_interval=1 keepalives_count=10', { idleS: 30, warnings: [] }],
    ['keepalives=0 keepalives_idle=30 keepalives_interval=5', { warnings: [] }],
    [
      'keepalives_idle=30 keepalives_interval=5 keepalives_count=3',
      {
        idleS: 30,
        warnings: [
          'keepalives_interval=5 is ignored: Node asks 10 times, each 1 s after the last',
          'keepalives_count=3 is ignored: Node asks 10 times, each 1 s after the last',
        ],
      },
    ],
    [
      'keepalives_interval=1',
      {
        warnings: ["keepalives_interval=1 is ignored: Node leaves it at the system's default"],
      },
    ],
    ['tcp_user_timeout=0', { warnings: [] }],
    ['tcp_user_timeout=-1', { warnings: [] }],
    [
      'keepalives=0 tcp_user_timeout=5000',
      {
        warnings: [
          'tcp_user_timeout=5000 is ignored: Node has no way to set it; connection.timeout limits every attempt and every query',
        ],
      },
    ],
  ])('of %j', (text, expected) => {
    expect(settle(`user=u ${text}`)).toEqual(expected);
  });

  it.each([
    'keepalives=yes',
    'keepalives_idle=-1',
    'keepalives_idle=32768',
    'keepalives_interval=1s',
    'keepalives_count=1.5',
    'tcp_user_timeout=5s',
  ])('refuse %s', (text) => {
    expect(() => settle(text)).toThrow(/^target: \w+ must be a whole number/);
  });
});

describe('client_encoding', () => {
  it.each<[string, Record<string, string>, string]>([
    ['LATIN1', {}, 'LATIN1'],
    ['auto', { LANG: 'de_DE.UTF-8' }, 'UTF8'],
    ['auto', { LC_ALL: 'C.utf8', LANG: 'C' }, 'UTF8'],
    ['auto', { LC_CTYPE: 'C', LANG: 'de_DE.UTF-8' }, 'SQL_ASCII'],
    ['auto', {}, 'SQL_ASCII'],
  ])('%s with %o is %s', (asked, env, expected) => {
    expect(settleClientEncoding(asked, env)).toBe(expected);
  });

  it('auto must be of a known locale', () => {
    expect(() => settleClientEncoding('auto', { LANG: 'de_DE@euro' })).toThrow(
      /this one is "de_DE@euro": name the encoding/,
    );
  });
});
