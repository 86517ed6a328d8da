import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../support/cli/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-launcher-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The launcher under a Node that says it is of `version`. */
function launchAs(version: string) {
  const preload = join(folder, `as-${version}.cjs`);
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  const args = ['--require', preload, LAUNCHER, '--version'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the launcher', () => {
  it.each(['10.24.1', '12.22.12', '18.20.8', '20.18.3'])(
    'says in one line that Node %s is too old',
    (version) => {
      expect(launchAs(version)).toEqual({
        status: 104,
        stdout: '',
        stderr: `connstorm needs Node 20.19 or later, and this is ${version}: install a newer one\n`,
      });
    },
  );

  it.each(['20.19.0', '22.0.0', '100.1.0'])('starts under Node %s', (version) => {
    expect(launchAs(version)).toMatchObject({ status: 0, stderr: '' });
  });

  it('is read to its end by an old Node', () => {
    const source = readFileSync(LAUNCHER, 'utf8');
    // A script, not only a module: import statements and await outside of functions are errors there.
    expect(() => new Script(source)).not.toThrow();
    const code = source.replace(/^\s*\/\/.*$/gm, '').replace(/`[^`]*`|'[^']*'/g, "''");
    expect(code.replace(/^#!.*$/m, '')).not.toMatch(
      /\?\?|\?\.|\bawait\b|\|\|=|&&=|\bstatic\b|#\w|\d_\d/,
    );
  });

  it('wants the Node that the package does', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    const [, needed] = /NEEDED = '([\d.]+)'/.exec(readFileSync(LAUNCHER, 'utf8')) ?? [];
    expect(manifest.engines.node).toBe(`>=${needed}`);
  });
});
