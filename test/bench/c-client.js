// @ts-check

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAccounted } from './child-cpu.js';
import { compile } from './compile.js';

/**
 * A bare epoll client, ready to be run; `obstacle` says why there is none.
 *
 * @typedef {{ program: string, obstacle: string | null, remove: () => void }} CClient
 */

/** @returns {CClient} */
export function buildCClient() {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const program = join(folder, 'c-client');
  const obstacle = compile('c-client.c', program);
  return { program, obstacle, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Connects and closes at a constant rate under trust.
 *
 * @param {string} program
 * @param {{ url: string, connects: number, ratePerSecond: number }} options
 * @returns {Promise<{ ready: number, failed: number, cpuUsPerConnect: number }>}
 */
export async function runCClient(program, { url, connects, ratePerSecond }) {
  const { port } = new URL(url);
  const command = [program, port, `${ratePerSecond}`, `${connects}`];
  const { cpuUs, stdout } = await runAccounted(command);
  const [, ready, failed] = /ready (\d+) failed (\d+)/.exec(stdout) ?? [];
  return { ready: Number(ready), failed: Number(failed), cpuUsPerConnect: cpuUs / connects };
}

/** As runCClient; throws where not every connect was ready. @param {string} program @param {{ url: string, connects: number, ratePerSecond: number }} options */
export async function measureCClient(program, options) {
  const { ready, cpuUsPerConnect } = await runCClient(program, options);
  if (ready !== options.connects) {
    throw new Error(`of ${options.connects} connects of the C client ${ready} were ready`);
  }
  return cpuUsPerConnect;
}
