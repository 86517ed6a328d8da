import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withLab } from '../support/lab.ts';

/** Runs the commands of the README's "Why not pgbench -C", and looks for what it says of them. */

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const commands = [...readme.matchAll(/^\$ (.*pgbench -n -C .*)$/gm)].map(([, command]) => command);
const [oneThread, manyThreads, timed, finishing, finishingSlowly, refused] = commands;
const isMissing = spawnSync('pgbench', ['--version']).status !== 0;
const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const TITLE = "the README's account of pgbench -C";

const folder = mkdtempSync(join(tmpdir(), 'connstorm-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'one.sql'), 'SELECT 1;\n');

/** What a command says, on both outputs. */
function say(command: string | undefined, url: string): string {
  const { PATH, HOME } = process.env;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${command}`], {
    cwd: folder,
    env: { PATH, HOME, LC_ALL: 'C', URL: url },
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
const countDone = (said: string) => numberIn(said, /actually processed: (\d+)/);
const readConnectMs = (said: string) => numberIn(said, /average connection time = ([\d.]+) ms/);

it('has six commands', () => {
  expect(commands).toHaveLength(6);
});

describe.skipIf(isMissing)(isMissing ? `${TITLE} (skipped: no pgbench here)` : TITLE, () => {
  it('holds where every login takes a second', async () => {
    await withLab({ settings: { pre_auth_delay: '1s' } }, async ({ url }) => {
      const [alone, together] = [say(oneThread, url), say(manyThreads, url)];
      // A connect a second for each thread, or fewer.
      expect(countDone(alone)).toBeLessThanOrEqual(6);
      expect(countDone(together)).toBeGreaterThan(3 * countDone(alone));
      expect(countDone(together)).toBeLessThanOrEqual(20 * 6);
      const said = say(timed, url);
      expect(readConnectMs(said)).toBeGreaterThan(1000);
      expect(numberIn(said, /latency average = ([\d.]+) ms/)).toBeLessThan(readConnectMs(said) / 2);
    });
  });

  it('counts disconnecting as connecting', async ({ skip }) => {
    skip(!hasCompiler, 'no C compiler (cc) here');
    const block = /^cat > slow-finish\.c[\s\S]*?^cc .*$/m.exec(readme)?.[0];
    await withLab({}, async ({ url }) => {
      say(block, url);
      const slowly = readConnectMs(say(finishingSlowly, url));
      expect(slowly).toBeGreaterThan(100);
      expect(slowly).toBeGreaterThan(readConnectMs(say(finishing, url)) + 50);
    });
  });

  it('holds where a server is full', async () => {
    await withLab({ settings: { max_connections: 13 } }, async ({ url }) => {
      const said = say(refused, url);
      expect(said).toMatch(/client \d+ aborted while establishing connection/);
      expect(said).toContain('number of failed transactions: 0 (0.000%)');
    });
  });
});
