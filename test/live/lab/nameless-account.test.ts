import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../../support/cli/cli.ts';
import { serveTest } from '../../support/servers/shared-server.ts';

/** A user id that /etc/passwd does not know, and no HOME, as in a container that may run under any. */
const NAMELESS = 54_321;

const folder = mkdtempSync(join(tmpdir(), 'connstorm-nameless-'));
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runNameless(args: string[], program = LAUNCHER) {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH },
    uid: NAMELESS,
    gid: NAMELESS,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Only root may take another's id, which must be let in to where this is. */
function isPossible(): boolean {
  if (process.getuid?.() !== 0) return false;
  if (readFileSync('/etc/passwd', 'utf8').includes(`:${NAMELESS}:`)) return false;
  return runNameless(['--version']).code === 0;
}

describe.skipIf(!isPossible())('an account without a name and a home', () => {
  it('storms and inspects a server that is named', async () => {
    const { url } = await serveTest({});
    const storm = runNameless([
      ...['run', 'steady', '--rate', '20', '--duration', '500ms'],
      ...['--json', '--target', url],
    ]);
    expect(storm.stderr).not.toMatch(/internal error/);
    expect(JSON.parse(storm.stdout).accounting.ok).toBe(10);
    // Whether a busy machine has CPU for us is not what is tested.
    expect([0, 111]).toContain(storm.code);
    const inspection = runNameless(['inspect', '--json', url]);
    expect(JSON.parse(inspection.stdout).type).toBe('inspection');
    expect(inspection.code).toBe(0);
  });

  it.each<[string, string[], RegExp, number]>([
    [
      'a user',
      ['inspect', 'postgres://127.0.0.1:1/d'],
      /names no user, and this system has no user name for .*: put one in the/,
      104,
    ],
    [
      'a root certificate',
      ['inspect', 'postgres://u@127.0.0.1:1/d?sslmode=verify-full'],
      /there is no home directory to look for ~\/\.postgresql\/root\.crt in: name it with/,
      104,
    ],
    [
      'a service file',
      ['inspect', '--target', 'service=mine servicefile=/nonexistent'],
      /service file \/nonexistent cannot be read/,
      104,
    ],
    ['a name for the lab', ['lab'], /user id 54321 has none in \/etc\/passwd: add a line/, 104],
  ])('is told to give %s', (_, args, message, code) => {
    const result = runNameless(args);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/internal error/);
    expect(result.code).toBe(code);
  });
});
