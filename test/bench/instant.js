// @ts-check

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.js';
import { GREETING, ONE_ROW } from './instant-answers.js';

/** @typedef {{ url: string, port: number, kind: 'C' | 'Node' | 'TLS', stop: () => Promise<void> }} InstantServer */

/**
 * Starts an instant server in a process of its own: in C where a compiler for Linux is there, else in Node,
 * which may then be what limits the highest rate. The one with TLS is in Node.
 *
 * @param {'C' | 'Node' | 'TLS'} [wanted] Default C.
 * @returns {Promise<InstantServer>}
 */
export async function startInstantServer(wanted = 'C') {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const program = join(folder, 'instant-server');
  const isCompiled = wanted === 'C' && compile('instant-server.c', program) === null;
  const [file, ...args] = isCompiled
    ? [program, GREETING.toString('hex'), ONE_ROW.toString('hex')]
    : [process.execPath, pathOf('instant-server.js'), ...(wanted === 'TLS' ? ['tls'] : [])];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  return {
    url: `postgresql://storm@127.0.0.1:${port}/storm`,
    port,
    kind: isCompiled ? 'C' : wanted === 'TLS' ? 'TLS' : 'Node',
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

/** @param {string} file */
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
