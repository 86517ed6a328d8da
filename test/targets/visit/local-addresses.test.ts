import { describe, expect, it } from 'vitest';
import type { Target } from '../../../src/targets/target.ts';
import { checkLocalAddresses, checkPlanFits } from '../../../src/targets/visit/local-addresses.ts';
import { localEndpoint } from '../../support/synthetic/open-attempt.ts';

const TARGET: Target = { ...localEndpoint(5432), role: 'direct' };

describe('local addresses', () => {
  it('may be any that sockets can be bound to, or none', async () => {
    await checkLocalAddresses([]);
    await checkLocalAddresses(['127.0.0.1', '127.7.7.7']);
  });

  it('are refused where the machine does not have them, in one line', async () => {
    // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    await expect(checkLocalAddresses(['127.0.0.1', '192.0.2.1'])).rejects.toThrow(
      'connection.localAddresses[1] must be an address of this machine, got 192.0.2.1 (EADDRNOTAVAIL): name one that `ip address` lists',
    );
  });

  it("must be of the target's address family", () => {
    const check = (localAddresses: string[]) =>
      checkPlanFits({ localAddresses, close: 'reset' }, TARGET);
    expect(() => check(['127.0.0.1'])).not.toThrow();
    expect(() => check(['127.0.0.1', '::1'])).toThrow(
      'connection.localAddresses[1] must be IPv4, as localhost:5432 (127.0.0.1) is, got ::1',
    );
  });

  it('are refused with a Unix socket, as is a reset', () => {
    const target = { ...TARGET, host: '/tmp', address: '/tmp/.s.PGSQL.5432' };
    expect(() => checkPlanFits({ localAddresses: [], close: 'terminate' }, target)).not.toThrow();
    expect(() =>
      checkPlanFits({ localAddresses: ['127.0.0.1'], close: 'terminate' }, target),
    ).toThrow('connection.localAddresses must be left out: /tmp/.s.PGSQL.5432 is a Unix socket');
    expect(() => checkPlanFits({ localAddresses: [], close: 'reset' }, target)).toThrow(
      "connection.close must not be reset, which is TCP's: /tmp/.s.PGSQL.5432 is a Unix socket",
    );
  });
});
