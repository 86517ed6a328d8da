import { describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';

const STRING = '--target postgres://user@host:5432/database';

describe('a flag of other programs', () => {
  it.each<[command: string, flag: string, hint: string]>([
    ['run', '-o', 'did you mean `--out`?'],
    ['run', '--output', 'did you mean `--out`?'],
    ['run', '-t', 'did you mean `--target` or `--duration`?'],
    ['run', '-d', 'did you mean `--target` or `--duration`?'],
    ['run', '-n', 'did you mean `--dry-run`?'],
    ['run', '-r', 'did you mean `--rate`?'],
    ['run', '-q', 'did you mean `--quiet` or `--quick`?'],
    ['run', '-j', 'did you mean `--workers` or `--json`?'],
    ['run', '--force', 'did you mean `--overwrite`?'],
    ['run', '-H', `the host is part of \`--target\`, as in ${STRING}`],
    ['run', '-p', `the port is part of \`--target\`, as in ${STRING}`],
    ['run', '-U', `the user is part of \`--target\`, as in ${STRING}`],
    ['inspect', '--dbname', `the database is part of \`--target\`, as in ${STRING}`],
    ['inspect', '-d', 'did you mean `--target`?'],
    ['compare', '-f', 'did you mean `--force`?'],
    ['report', '-j', 'did you mean `--json`?'],
  ])('%s %s: %s', async (command, flag, hint) => {
    const { code, stderr } = await runInProcess([command, flag, 'x']);
    expect(code).toBe(104);
    expect(stderr).toBe(`connstorm: unknown flag ${flag}; ${hint}: see --help\n`);
  });

  it.each([
    ['run', '-c'],
    ['run', '-f'],
    ['report', '-o'],
    ['validate', '-U'],
    ['lab', '--constructor'],
  ])('%s %s has no hint, where no flag of ours fits', async (command, flag) => {
    const { stderr } = await runInProcess([command, flag, 'x']);
    expect(stderr).toBe(`connstorm: unknown flag ${flag}: see --help\n`);
  });
});
