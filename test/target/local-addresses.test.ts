import { describe, expect, it } from 'vitest';
import { checkAddressFamily, checkLocalAddresses } from '../../src/target/local-addresses.ts';
import type { Target } from '../../src/target/target.ts';
import { localEndpoint } from '../support/open-attempt.ts';

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
    expect(() => checkAddressFamily(['127.0.0.1'], TARGET)).not.toThrow();
    expect(() => checkAddressFamily(['127.0.0.1', '::1'], TARGET)).toThrow(
      'connection.localAddresses[1] must be IPv4, as localhost:5432 (127.0.0.1) is, got ::1',
    );
  });
});
