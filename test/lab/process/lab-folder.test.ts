import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { blameSpace, createLabFolder, nameLabFolder } from '../../../src/lab/process/lab-folder.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';

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

it('says where there is no folder for temporary ones', async () => {
  vi.stubEnv('TMPDIR', '/nonexistent');
  await expect(createLabFolder(undefined)).rejects.toThrow(
    /^the lab's folder cannot be made in \/nonexistent \(ENOENT.*: set TMPDIR to a folder/,
  );
});

it('never gives two labs the same folder, and takes a relative TMPDIR', () => {
  vi.stubEnv('TMPDIR', 'here');
  const names = [nameLabFolder(), nameLabFolder()];
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^\/.*\/here\/connstorm-lab-[\w-]{12}$/);
});

it.each([
  new Error('ENOSPC: no space left on device, write'),
  new Error("the lab's initdb ended with code 1: FATAL: could not write: No space left on device"),
  new Error('EDQUOT: disk quota exceeded, mkdir'),
])('tells what stands in TMPDIR for %s', async (error) => {
  const told = await blameSpace(error, tmpdir());
  expect(told).toBeInstanceOf(UsageError);
  expect(String(told)).toContain(`the lab needs 64 MB in ${tmpdir()}, and less is free: free some`);
  expect(String(told)).toContain(`(${error.message})`);
});

it('leaves another error as it is', async () => {
  const error = new UsageError('LAB_SETTINGS', 'no such setting');
  expect(await blameSpace(error, tmpdir())).toBe(error);
});
