import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/connstorm.js', import.meta.url));
const DEFINE = `connstorm() { "${process.execPath}" "${BIN}" "$@"; }`;

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

describe.runIf(has('bash'))('the script for bash', () => {
  it.each([
    ['connstorm va', 'validate'],
    ['connstorm run satu', 'saturate'],
    ['connstorm check x.ndjson --bud', '--budget'],
    ['connstorm report nothing-of-ours', ''],
  ])('completes %s', (line, expected) => {
    const words = line.split(' ');
    const script = [
      DEFINE,
      'eval "$(connstorm completion bash)"',
      `COMP_WORDS=(${line})`,
      `COMP_CWORD=${words.length - 1}`,
      '_connstorm',
      'echo "$COMPREPLY"',
    ].join('\n');
    const said = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    expect(said).toBe(`${expected}\n`);
  });
});

describe.runIf(has('zsh'))('the script for zsh', () => {
  it('is one that zsh can read', () => {
    const script = `${DEFINE}\nconnstorm completion zsh | zsh -n`;
    expect(spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
