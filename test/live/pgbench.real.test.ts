import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLab } from '../support/servers/lab.ts';

/** Runs the commands of docs/method/why-not-pgbench.md, and looks for what it says of them. */

const readme = readFileSync(
  new URL('../../docs/method/why-not-pgbench.md', import.meta.url),
  'utf8',
);
const commands = [...readme.matchAll(/^\$ (.*pgbench -n -C .*)$/gm)].map(([, command]) => command);
const [oneThread, manyThreads, timed, finishing, finishingSlowly, refused] = commands;
const isMissing = spawnSync('pgbench', ['--version']).status !== 0;
const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const TITLE = "the docs' account of pgbench -C";

const folder = mkdtempSync(join(tmpdir(), 'connstorm-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scripts = [...readme.matchAll(/^(?:\$ )?(echo '.*' > \w+\.sql)$/gm)];
beforeAll(() => say(scripts.map(([, script]) => script).join('\n')));

/** What a command says, on both outputs. pgbench ends with a code of its own where clients were refused. */
async function say(command: string | undefined, url?: string): Promise<string> {
  const { PATH, HOME } = process.env;
  const { stdout, stderr }: { stdout: string; stderr: string } = await promisify(execFile)(
    'bash',
    ['-c', `${command}`],
    { cwd: folder, env: { PATH, HOME, LC_ALL: 'C', URL: url } },
  ).catch((ended) => ended);
  return `${stdout}${stderr}`;
}

const numberIn = (text: string | undefined, pattern: RegExp): number =>
  Number(pattern.exec(text ?? '')?.[1]);
const countDone = (said?: string) => numberIn(said, /actually processed: (\d+)/);
const readConnectMs = (said?: string) => numberIn(said, /average connection time = ([\d.]+) ms/);

it('has six commands', () => {
  expect(commands).toHaveLength(6);
});

const title = isMissing ? `${TITLE} (skipped: no pgbench here)` : TITLE;
// Each has a server of its own, and two of the three mostly wait.
describe(title, { skip: isMissing, concurrent: true }, () => {
  it('holds where every login takes a second', async () => {
    await withLab({ settings: { pre_auth_delay: '1s' } }, async ({ url }) => {
      // They mostly wait, and do so together.
      const [alone, together, said] = await Promise.all(
        [oneThread, manyThreads, timed].map((command) => say(command, url)),
      );
      // A connect a second for each thread, or fewer.
      expect(countDone(alone)).toBeGreaterThan(0);
      expect(countDone(alone)).toBeLessThanOrEqual(4);
      expect(countDone(together)).toBeGreaterThan(3 * countDone(alone));
      expect(countDone(together)).toBeLessThanOrEqual(20 * 4);
      expect(readConnectMs(said)).toBeGreaterThan(1000);
      expect(numberIn(said, /latency average = ([\d.]+) ms/)).toBeLessThan(readConnectMs(said) / 2);
    });
  });

  it('counts disconnecting as connecting', async ({ skip }) => {
    skip(!hasCompiler, 'no C compiler (cc) here');
    const block = /^cat > slow-finish\.c[\s\S]*?^cc .*$/m.exec(readme)?.[0];
    await withLab({}, async ({ url }) => {
      await say(block);
      const slowly = readConnectMs(await say(finishingSlowly, url));
      expect(slowly).toBeGreaterThan(100);
      expect(slowly).toBeGreaterThan(readConnectMs(await say(finishing, url)) + 50);
    });
  });

  it('holds where a server is full', async () => {
    await withLab({ settings: { max_connections: 13 } }, async ({ url }) => {
      const said = await say(refused, url);
      expect(said).toMatch(/client \d+ aborted while establishing connection/);
      expect(said).toContain('number of failed transactions: 0 (0.000%)');
    });
  });
});
