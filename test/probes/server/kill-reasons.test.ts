import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/model/measures.ts';
import {
  describeDeath,
  describeRefusal,
  describeShutOut,
} from '../../../src/probes/server/kill-reasons.ts';

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

describe('the advice of the kill switch', () => {
  it('does not blame the load where nothing points to it', () => {
    expect(describeDeath('08P01 server login has been failing (server_login_retry)')).not.toMatch(
      /load/,
    );
    const refused = { layer: 'network', phase: 'tcp', code: 'ECONNREFUSED' } as const;
    expect(describeShutOut({ ...refused, message: 'connect ECONNREFUSED' })).toMatch(
      /: the target is down or restarting; run it again when it is up$/,
    );
  });

  it('names the load where a proxy may be at its limit', () => {
    const closed = { layer: 'network', phase: 'spawn', code: 'CLOSED' } as const;
    expect(describeShutOut({ ...closed, message: 'it sent nothing' })).toMatch(/lower the load/);
  });
});
