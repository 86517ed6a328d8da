import { expect, it } from 'vitest';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/sh\n';

it('keeps the own account where it is an ordinary one', () => {
  expect(findServerAccount(1000, () => ROOT)).toBeUndefined();
});

it.each([
  ['nobody:x:65534:65533:nobody:/:/bin/false', { name: 'nobody', uid: 65_534, gid: 65_533 }],
  ['nobody:*:-2:-2::/:/bin/false\ndaemon:*:1:1::/:', { name: 'daemon', uid: 1, gid: 1 }],
])('changes from root to an account that exists: %j', (lines, account) => {
  expect(findServerAccount(0, () => ROOT + lines)).toEqual(account);
});

it('says what to do where root has no account to change to', () => {
  expect(() => findServerAccount(0, () => ROOT)).toThrow(/ordinary user.*--target/);
});

it('says what to do where our own account has no name', () => {
  const nameless = () => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };
  expect(() => findServerAccount(54_321, () => ROOT, nameless)).toThrow(
    /user id 54321 has none in \/etc\/passwd: .*--target URL/,
  );
  expect(
    findServerAccount(
      54_321,
      () => ROOT,
      () => 'storm',
    ),
  ).toBeUndefined();
});
