import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blameDescriptors } from '../src/descriptors.ts';
import { UsageError } from '../src/errors.ts';

const HERE = fileURLToPath(import.meta.url);
const fail = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('too few descriptors', () => {
  it.each([
    ['said by the system', fail('EMFILE', 'EMFILE: too many open files'), /raise ulimit -n$/],
    ['of the system', fail('ENFILE', 'ENFILE: file table overflow'), /fs\.file-max/],
    [
      'said to be a missing package, by its path',
      fail('ERR_MODULE_NOT_FOUND', `Cannot find package '${HERE}' imported from /x/y.js`),
      /raise ulimit -n$/,
    ],
    [
      'said to be a missing package, by a path that Node guessed',
      fail('ERR_MODULE_NOT_FOUND', `Cannot find package '${HERE}.guessed' imported from /x/y.js`),
      /raise ulimit -n$/,
    ],
    [
      'said to be a missing package, by its name',
      fail('ERR_MODULE_NOT_FOUND', `Cannot find package 'yaml' imported from ${HERE}`),
      /raise ulimit -n$/,
    ],
  ])('are named: %s', (_, error, message) => {
    const blamed = blameDescriptors(error);
    expect(blamed).toBeInstanceOf(UsageError);
    expect((blamed as UsageError).message).toMatch(message);
  });

  it.each([
    fail('ERR_MODULE_NOT_FOUND', `Cannot find package 'no-such-package' imported from ${HERE}`),
    fail('ENOENT', 'no such file'),
    new Error('Cannot find package'),
    undefined,
  ])('are not blamed for %s', (error) => {
    expect(blameDescriptors(error)).toBe(error);
  });

  it('end the program with one line that names the limit, however few there are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'connstorm-few-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const bin = fileURLToPath(new URL('../bin/connstorm.js', import.meta.url));
    for (const limit of [24, 28, 32, 36, 40, 48]) {
      const command = `ulimit -n ${limit}; exec "$0" "$1" run steady --duration 1s`;
      const args = ['-c', command, process.execPath, bin];
      const { stderr, status } = spawnSync('sh', args, { cwd: folder, encoding: 'utf8' });
      const lines = stderr.trim().split('\n');
      expect(lines.at(-1), String(limit)).toMatch(/^connstorm: .*(ulimit -n|too many open files)/);
      expect(stderr).not.toMatch(/internal error|^ +at |Cannot find|EMFILE.*install it anew/m);
      expect(status).not.toBe(0);
    }
  });
});
