import { describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runInProcess(['complete-words', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  it.each(['bash', 'zsh'])('prints a script for %s, and nothing else', async (shell) => {
    const env = { CONNSTORM_RAT: '5' };
    const { code, stdout, stderr } = await runInProcess(['completion', shell], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('connstorm complete-words');
    const named = await runInProcess(['completion'], { env: { SHELL: `/usr/bin/${shell}` } });
    expect(named.stdout).toBe(stdout);
  });

  it.each<[string[], Record<string, string>, RegExp]>([
    [['completion', 'fish'], {}, /completion works for bash and zsh, got "fish"/],
    [['completion'], { SHELL: '/bin/sh' }, /SHELL names neither: name one of them/],
  ])('refuses other shells: %j', async (args, env, why) => {
    const { code, stdout, stderr } = await runInProcess(args, { env });
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(why);
  });

  it.each<[string[], string[]]>([
    [['ru'], ['run']],
    [['comp'], ['compare', 'completion']],
    [['help', 'help', 'insp'], ['inspect']],
    [['run', 'run', 'sat'], ['saturate']],
    [['validate', 'x.yaml', 'stea'], ['steady']],
    [['scenarios', 'scenarios', 'her'], ['herd']],
    [['run', 'steady', '--postgres'], ['--postgres-bin']],
    [['run', '--json', 'stea'], ['steady']],
    [
      ['completion', 'completion', ''],
      ['bash', 'zsh'],
    ],
    // The shell's own: files, and values of flags.
    [['report', 'report', ''], []],
    [['run', '--out', ''], []],
    [['run', '=', 'pool'], []],
    [['run', 'run', './sc'], []],
    [['rnu', 'rnu', ''], []],
  ])('goes on with what there is: %j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  it('knows every command and its flags', async () => {
    const commands = await complete('');
    expect(commands).toEqual(expect.arrayContaining(['run', 'check', 'lab', 'completion']));
    expect(commands).not.toContain('complete-words');
    for (const command of commands.filter((word) => !/^-|^help$/.test(word))) {
      expect(await complete(command, command, '--')).toContain('--help');
    }
  });
});
