import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { nameOptions, nameOptionsInError } from '../../src/library/option-names.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Lines of what a program can reach that name a flag in a message; comments, other programs' flags and fields' descriptions are none. */
function listMessages(): string[] {
  return ['run', 'targets', 'lab', 'result']
    .flatMap((folder) =>
      readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(SRC, folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => /['"`].*--[a-z]/.test(line) && !/^\s*(?:\*|\/\/|\/\*)/.test(line))
    .filter((line) => !OTHERS.some((other) => line.includes(other)));
}

/** Flags of initdb, postgres and taskset. */
const OTHERS = ['--pwfile', '--encoding', "'--version'", '--version printed', '--cpu-list'];

describe('what a program is told', () => {
  it.each([
    [
      'this needs --yes or CONNSTORM_YES=1, because there is no terminal',
      'this needs `yes: true` or CONNSTORM_YES=1, because there is no terminal',
    ],
    [
      'leave it out, or give --trust-scenario if you trust whoever wrote this',
      'leave it out, or give `trustScenario: true` if you trust whoever wrote this',
    ],
    ['or allow it with --reserve 3', 'or allow it with `reserve: 3`'],
    ['give --target lab for both', "give `targets: ['lab']` for both"],
    ['give it with --target pooled=URL; or', "give it with `targets: ['pooled=URL']`; or"],
    ['--target gives the role x twice', '`targets` gives the role x twice'],
    [
      'name another file with --out, or add --overwrite',
      'name another file with `out`, or add `overwrite: true`',
    ],
    ['a verdict takes 5 (--repeat 5)', 'a verdict takes 5 (`repeat: 5` in the scenario)'],
    ['nothing that is a flag -- at all', 'nothing that is a flag -- at all'],
  ])('names options: %s', (flags, options) => {
    expect(nameOptions(flags)).toBe(options);
  });

  it('names no flag in any message that it can get', () => {
    const messages = listMessages();
    expect(messages.length).toBeGreaterThan(15);
    const filled = messages.map((line) => line.replaceAll(/\$\{[^}]*\}/g, '5'));
    expect(filled.map(nameOptions).filter((line) => /--[a-z]/.test(line))).toEqual([]);
  });

  it('keeps code and exit of an error, and leaves others alone', () => {
    const error = new UsageError('NOT_CONFIRMED', 'this needs --yes');
    expect(nameOptionsInError(error)).toMatchObject({
      code: 'NOT_CONFIRMED',
      exit: 'usage',
      message: 'this needs `yes: true`',
    });
    expect(nameOptionsInError('--yes')).toBe('--yes');
  });
});
