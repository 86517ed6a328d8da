import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER, runCli, startCli } from '../support/cli/cli.ts';
import { expectPlain } from '../support/cli/cli-output.ts';

/** What only the built command in a process of its own can show. */

const folder = mkdtempSync(join(tmpdir(), 'connstorm-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = 'shows: x\nload: { executor: constant-arrival-rate, rate: 5, duration: 1s }\n';

describe('a command', () => {
  it.concurrent.each<[string, string[], number, RegExp]>([
    ['wrong usage', ['run', 'steady', '--rat', '5'], 104, /unknown flag --rat/],
    [
      'a target that is not there',
      ['run', 'steady', '--target', 'postgres://u@no-such-host.invalid/db'],
      114,
      /no-such-host\.invalid/,
    ],
  ])('ends at %s with its exit code and one line', async (_, args, exitCode, message) => {
    const { code, stdout, stderr } = await runCli(args, folder);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(message);
    expectPlain(stderr);
  });

  it.skipIf(process.platform === 'win32')('says what too few descriptors want', () => {
    const args = ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, LAUNCHER, 'inspect', 'x'];
    const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
    expect(stderr).toBe('connstorm: too many open files (EMFILE): raise ulimit -n\n');
    expect(status).toBe(104);
  });

  it.concurrent("--version is the package's", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    expect(await runCli(['--version'], folder)).toEqual({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });
});

const isInstalled = (program: string): boolean => spawnSync(program, ['-c', 'true']).status === 0;

describe.each(['bash', 'zsh'])('process substitution of %s', (shell) => {
  const validate = (script: string) =>
    spawnSync(shell, ['-c', script, process.execPath, LAUNCHER], {
      encoding: 'utf8',
      cwd: folder,
    });

  it.skipIf(!isInstalled(shell))(
    'gives scenarios through pipes, several and empty ones too',
    () => {
      writeFileSync(join(folder, 'ok.yaml'), SCENARIO);
      const { status, stdout, stderr } = validate(
        '"$0" "$1" validate <(cat ok.yaml) <(sed s/5/0/ ok.yaml) <(true)',
      );
      expect(stdout).toMatch(/^\/\S+\/fd\/\d+: ok\n$/);
      expect(stderr).toMatch(
        /^connstorm: \/\S+\/fd\/\d+:2:48 load\.rate must be above 0, got 0\nconnstorm: \/\S+:1:1 the file is empty\n$/,
      );
      expect(status).toBe(104);
    },
  );
});

it.skipIf(process.platform === 'win32')(
  'a named pipe that nobody writes to is waited for, and Ctrl-C ends that',
  async () => {
    spawnSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const { child, waitFor, ended } = startCli(['run', 'pipe.yaml'], folder);
    await waitFor('waiting until somebody writes to pipe.yaml');
    child.kill('SIGINT');
    await ended;
    expect(child.signalCode).toBe('SIGINT');
  },
);

describe('standard output on a full disk', () => {
  it.concurrent.each([['--help'], ['scenarios'], ['schema'], ['validate', 'field-ok.yaml']])(
    '%s says so in one line and ends with 1',
    async (...args) => {
      writeFileSync(join(folder, 'field-ok.yaml'), SCENARIO);
      const full = openSync('/dev/full', 'w');
      const { code, stderr } = await startCli(args, folder, {}, full).ended;
      closeSync(full);
      expect(stderr).toBe(
        'connstorm: standard output cannot be written: the disk is full; free some space (ENOSPC)\n',
      );
      expect(code).toBe(1);
    },
  );
});
