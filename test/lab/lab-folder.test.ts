import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { createLabFolder } from '../../src/lab/lab-folder.ts';
import { findServerAccount } from '../../src/lab/server-account.ts';

afterEach(() => vi.unstubAllEnvs());

it('says that TMPDIR is in the way where the server may not enter it, and leaves nothing there', async ({
  skip,
}) => {
  const account = findServerAccount();
  skip(account === undefined, 'the server has an account of its own only where we are root');
  const closed = await mkdtemp(join(tmpdir(), 'connstorm-test-'));
  vi.stubEnv('TMPDIR', closed);
  await expect(createLabFolder(account)).rejects.toThrow(`may not enter ${closed}: set TMPDIR`);
  expect(await readdir(closed)).toEqual([]);
  await rm(closed, { recursive: true });
});
