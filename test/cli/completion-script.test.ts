import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../support/cli/cli.ts';

const TYPE = fileURLToPath(new URL('../support/cli/complete.zsh', import.meta.url));
const DEFINE = `connstorm() { "${process.execPath}" "${LAUNCHER}" "$@"; }`;
const SAY_READY = 'echo ready""-now';
const PRINT_KEY = '\x07';

/** What a person types, and what Tab makes of it. */
const LINES = [
  ['connstorm va', 'connstorm validate '],
  ['connstorm run satu', 'connstorm run saturate '],
  ['connstorm run own-', 'connstorm run own-scenario.yaml '],
  ['connstorm check own-scenario.yaml --bud', 'connstorm check own-scenario.yaml --budget '],
  ['connstorm run --out own-', 'connstorm run --out own-scenario.yaml '],
  ['connstorm run --out=own-', 'connstorm run --out=own-scenario.yaml '],
  ['connstorm help rep', 'connstorm help report '],
  ['connstorm completion z', 'connstorm completion zsh '],
  ['connstorm report nothing-of-ours', 'connstorm report nothing-of-ours'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'connstorm-completion-'));
writeFileSync(join(folder, 'own-scenario.yaml'), '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** Through a terminal, as a person would; zsh has one to give. */
function complete(shell: string, setup: readonly string[], lines: readonly string[]): string[] {
  const script = [DEFINE, ...setup, SAY_READY].join('\n');
  const said = execFileSync('zsh', ['-f', TYPE, shell, script, PRINT_KEY, ...lines], {
    encoding: 'utf8',
    timeout: 150_000,
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ZDOTDIR: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
  });
  return said.trimEnd().split('\n');
}

const typed = LINES.map(([line]) => line);
const completed = LINES.map(([, line]) => line.trimEnd());
const trim = (lines: string[]): string[] => lines.map((line) => line.trimEnd());

describe.runIf(has('bash'))('the script for bash', () => {
  it.each([
    ['connstorm va', 'validate'],
    ['connstorm run satu', 'saturate'],
    ['connstorm check x.ndjson --bud', '--budget'],
    ['connstorm report nothing-of-ours', ''],
  ])('offers for %s', (line, expected) => {
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

  it.runIf(has('zsh'))('completes what is typed', () => {
    const setup = [
      `bind -x '"\\C-g": echo "<<<$READLINE_LINE>>>"; READLINE_LINE='`,
      'eval "$(connstorm completion bash)"',
    ];
    expect(trim(complete('bash --norc --noprofile -i', setup, typed))).toEqual(completed);
  });
});

describe.runIf(has('zsh'))('the script for zsh', () => {
  const setup = [
    'show() { print -r -- "<<<$BUFFER>>>"; BUFFER=; }; zle -N show; bindkey "^G" show',
    'bindkey "^I" complete-word; unsetopt beep',
  ];

  it('completes what is typed, evaluated at the start of a shell', () => {
    const evaluated = [
      'autoload -Uz compinit; compinit -u -D',
      'eval "$(connstorm completion zsh)"',
    ];
    expect(trim(complete('zsh -f -i', [...setup, ...evaluated], typed))).toEqual(completed);
  });

  it('completes what is typed, as a file in a folder of fpath', () => {
    const functions = join(folder, 'functions');
    mkdirSync(functions, { recursive: true });
    const script = execFileSync(process.execPath, [LAUNCHER, 'completion', 'zsh']);
    writeFileSync(join(functions, '_connstorm'), script);
    const loaded = [`fpath=(${functions} $fpath)`, 'autoload -Uz compinit; compinit -u -D'];
    const first = complete('zsh -f -i', [...setup, ...loaded], typed.slice(0, 2));
    expect(trim(first)).toEqual(completed.slice(0, 2));
  });
});
