// @ts-check

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.js';
import { GREETING, ONE_ROW } from './instant-answers.js';

/**
 * @typedef {{ port: number, stop: () => Promise<void> }} Started
 * @typedef {Started & { url: string, kind: 'C' | 'Node' | 'TLS' }} InstantServer
 */

/**
 * Starts an instant server in a process of its own: in C where a compiler for Linux is there, else in Node,
 * which may then be what limits the highest rate. The one with TLS is in Node.
 *
 * @param {'C' | 'Node' | 'TLS'} [wanted] Default C.
 * @returns {Promise<InstantServer>}
 */
export async function startInstantServer(wanted = 'C') {
  const compiled = wanted === 'C' ? await startCompiledServer() : 'not wanted';
  const kind = typeof compiled !== 'string' ? 'C' : wanted === 'TLS' ? 'TLS' : 'Node';
  const started =
    typeof compiled !== 'string'
      ? compiled
      : await start([
          process.execPath,
          fileURLToPath(new URL('instant-server.js', import.meta.url)),
          ...(kind === 'TLS' ? ['tls'] : []),
        ]);
  return { ...started, kind, url: `postgresql://storm@127.0.0.1:${started.port}/storm` };
}

/**
 * Compiles the server in C and starts it.
 *
 * @param {string[]} [scram] The arguments that make it check SCRAM; it trusts everybody without.
 * @returns {Promise<Started | string>} A string says why there is none.
 */
export async function startCompiledServer(scram = []) {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const program = join(folder, 'instant-server');
  const obstacle = compile(new URL('instant-server.c', import.meta.url), program);
  if (obstacle !== null) {
    remove();
    return obstacle;
  }
  const { port, stop } = await start([program, hex(GREETING), hex(ONE_ROW), ...scram]);
  return { port, stop: () => stop().finally(remove) };
}

/** @param {Buffer} bytes As instant-server.c takes them. */
export const hex = (bytes) => bytes.toString('hex');

/**
 * @param {string[]} command Of a server that prints its port, and ends when its standard input does.
 * @returns {Promise<Started>}
 */
async function start([file = '', ...args]) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return {
    port: Number(line),
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}
