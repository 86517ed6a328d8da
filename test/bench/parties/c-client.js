// @ts-check

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../servers/compile.js';
import { runAccounted } from './child-cpu.js';
import { measureMarginal } from './marginal.js';

/**
 * A bare epoll client, ready to be run; `obstacle` says why there is none.
 *
 * @typedef {{ program: string, obstacle: string | null, remove: () => void }} CClient
 */

/** @returns {CClient} */
export function buildCClient() {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const program = join(folder, 'c-client');
  const obstacle = compile(new URL('c-client.c', import.meta.url), program);
  return { program, obstacle, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Connects and closes at a constant rate under trust.
 *
 * @param {string} program
 * @param {{ url: string, connects: number, ratePerSecond: number }} options
 * @returns {Promise<{ ready: number, failed: number, cpuUs: number, kernelUs: number, elapsedUs: number }>}
 */
export async function runCClient(program, { url, connects, ratePerSecond }) {
  const { port } = new URL(url);
  const command = [program, port, `${ratePerSecond}`, `${connects}`];
  const { stdout, cpuUs, kernelUs, elapsedUs } = await runAccounted(command);
  const [, ready, failed] = /ready (\d+) failed (\d+)/.exec(stdout) ?? [];
  return { ready: Number(ready), failed: Number(failed), cpuUs, kernelUs, elapsedUs };
}

/**
 * The CPU of a connect and close, see marginalOf.
 *
 * @param {string} program @param {{ url: string, ratePerSecond: number }} load
 * @param {import('../plan.js').Lengths} lengths In connects.
 * @returns {Promise<import('./parties.js').Measured>} Microseconds. Throws where not every connect was ready.
 */
export async function measureCClient(program, load, lengths) {
  const { cpuUsPerConnect, ratePerSecond } = await measureMarginal(async (length) => {
    const connects = Math.round(length);
    const { ready, cpuUs, kernelUs, elapsedUs } = await runCClient(program, { ...load, connects });
    if (ready !== connects) {
      throw new Error(`of ${connects} connects of the C client ${ready} were ready`);
    }
    return { connects, cpuUs, kernelUs, elapsedUs };
  }, lengths);
  return { value: cpuUsPerConnect, ratePerSecond };
}
