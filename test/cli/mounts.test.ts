import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../support/cli/cli.ts';

/** File systems of a test's own, in a namespace of its own: they are gone when the command has ended. */

const folder = mkdtempSync(join(tmpdir(), 'connstorm-mounts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mounts a tmpfs over the folder, and runs the CLI in it with the folder as TMPDIR. */
function runOver(options: string, args: readonly string[]) {
  const script = `mount -t tmpfs -o "$1" tmpfs "$2" && cd "$2" && shift 2 && exec "$@"`;
  const command = [process.execPath, LAUNCHER, ...args];
  return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', options, folder, ...command], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TMPDIR: folder },
  });
}

const canMount = runOver('size=64k', ['--version']).status === 0;

describe.skipIf(!canMount)('where a file system of a test can be mounted', () => {
  it.each([[[]], [['--out', 'result.ndjson']], [['--dry-run']]])(
    'a read-only one is told as that, with %j',
    (flags) => {
      const args = ['run', 'steady', '--target', 'postgres://u@127.0.0.1:1/d', ...flags];
      const { status, stdout, stderr } = runOver('ro,size=64k', args);
      expect(stderr).toMatch(
        /^connstorm: \S+ cannot be written: the file system is read-only; name another place with\s+--out \(EROFS\)\n$/,
      );
      expect({ status, stdout }).toEqual({ status: 104, stdout: '' });
    },
  );

  it('a lab on one that is too small is refused, with what to do', () => {
    const { status, stdout, stderr } = runOver('size=1m,mode=1777', ['lab']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `connstorm: the lab needs 64 MB in ${folder}, and less is free: free some space, or set TMPDIR`,
    );
    expect({ status, stdout }).toEqual({ status: 104, stdout: '' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
