import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { LAUNCHER } from '../support/cli/cli.ts';
import { listMarkedBlocks, readPages } from '../support/reference/doc-pages.ts';

/** Runs what the docs mark with `<!-- run -->`, as somebody would who copies it into a shell. */

const folder = mkdtempSync(join(tmpdir(), 'connstorm-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bin = join(folder, 'bin');
mkdirSync(bin);
symlinkSync(LAUNCHER, join(bin, 'connstorm'));

const blocks = readPages().flatMap(({ path, text }) =>
  listMarkedBlocks(text).map((block) => [path, block] as const),
);

it('the docs have such blocks', () => expect(blocks.length).toBeGreaterThan(0));

it.each(blocks)('every line that %s marks ends well', async (_path, block) => {
  const { PATH = '', HOME } = process.env;
  const env = { PATH: `${bin}${delimiter}${PATH}`, HOME, NO_COLOR: '1' };
  // An invalid measurement is the machine's doing, not the command's.
  const lines = block
    .trim()
    .split('\n')
    .map((line) => `${line.replace(/ +#.*$/, '')} || [ $? -eq 111 ]`);
  await promisify(execFile)('bash', ['-e', '-c', lines.join('\n')], { cwd: folder, env });
});
