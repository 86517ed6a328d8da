// @ts-check

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GREETING, ONE_ROW } from './instant-answers.js';

/** @typedef {{ url: string, port: number, kind: 'C' | 'Node', stop: () => Promise<void> }} InstantServer */

/**
 * Starts an instant server in a process of its own: in C where a compiler for Linux is there, else in Node,
 * which may then be what limits the highest rate.
 *
 * @param {'C' | 'Node'} [wanted] Default C.
 * @returns {Promise<InstantServer>}
 */
export async function startInstantServer(wanted = 'C') {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const program = join(folder, 'instant-server');
  const isCompiled = wanted === 'C' && compile(program);
  const [file, ...args] = isCompiled
    ? [program, GREETING.toString('hex'), ONE_ROW.toString('hex')]
    : [process.execPath, pathOf('instant-server.js')];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  return {
    url: `postgresql://storm@127.0.0.1:${port}/storm`,
    port,
    kind: isCompiled ? 'C' : 'Node',
    stop: async () => {
      if (child.exitCode === null) {
        const exit = once(child, 'exit');
        child.stdin.end();
        await exit;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} program @returns {boolean} Whether there is a compiler and it worked. */
function compile(program) {
  if (process.platform !== 'linux') return false;
  const { status } = spawnSync('cc', ['-O2', '-o', program, pathOf('instant-server.c')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}

/** @param {string} file */
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
