import { expect, it } from 'vitest';
import type { Failure } from '../../../src/model/measures.ts';
import { describeRefusal } from '../../../src/probes/server/kill-reasons.ts';

const SAID = { layer: 'server', phase: 'ready' } as const;

it.each<[Pick<Failure, 'code' | 'message'>, RegExp]>([
  [
    { code: '08P01', message: 'no more connections allowed (max_client_conn)' },
    /: raise the pooler's max_client_conn, limit what may be open at once \(load\.maxInFlight, and load\.maxOpen for connections that are held\), or shorten connection\.hold\. If nobody else needs the target, set load\.maxInFlight and --beyond-slots to continue/,
  ],
  [
    { code: '53300', message: 'too many connections for role "x"' },
    /: raise the role's connection limit, limit what may be open at once \(load\.maxInFlight,/,
  ],
  [
    { code: '57P03', message: 'the database system is starting up' },
    /: wait until the target accepts connections$/,
  ],
])('says how to go on where others are refused with %o', (said, expected) => {
  expect(describeRefusal({ ...SAID, ...said })).toMatch(expected);
});
