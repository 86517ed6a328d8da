// @ts-check

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** Marks the line that bash's `time` writes behind whatever the command wrote to standard error. */
const MARK = 'connstorm-bench-cpu';
const OUTPUT_KEPT = 2000;

/**
 * Runs a command to its end and says what CPU it used: user and system time of the process and all its
 * waited-for children, as bash's `time` has them (Node tells only its own).
 *
 * @param {string[]} command
 * @param {Record<string, string>} [environment] Beside PATH and HOME; nothing else is inherited, so that no PG* or
 *   CONNSTORM_* variable plays in.
 * @param {number[]} [exitCodes] Those that are no failure; default 0.
 * @param {(pid: number) => void} [watch] Called with the command's pid, ten times a second while it runs. Linux only.
 * @returns {Promise<{ cpuUs: number, kernelUs: number, elapsedUs: number, stdout: string }>} `kernelUs` is the system time in
 *   `cpuUs`. Throws when the command fails.
 */
export async function runAccounted(command, environment = {}, exitCodes = [0], watch = undefined) {
  const script = `TIMEFORMAT='${MARK} %3U %3S %3R'; time "$@"`;
  const child = spawn('bash', ['-c', script, 'bash', ...command], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const watching = watch && setInterval(() => findChildren(child.pid).forEach(watch), 100);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  clearInterval(watching);
  const [, user, system, elapsed] =
    new RegExp(`${MARK} ([\\d.]+) ([\\d.]+) ([\\d.]+)`).exec(stderr) ?? [];
  if (!exitCodes.includes(code) || elapsed === undefined) {
    const said = `${stdout}${stderr.replace(new RegExp(`^${MARK}.*\\n?`, 'm'), '')}`.slice(
      -OUTPUT_KEPT,
    );
    throw new Error(`${command.join(' ')} ended with ${code}:\n${said}`);
  }
  return {
    cpuUs: Math.round((Number(user) + Number(system)) * 1e6),
    kernelUs: Math.round(Number(system) * 1e6),
    elapsedUs: Math.round(Number(elapsed) * 1e6),
    stdout,
  };
}

/** @param {number | undefined} pid @returns {number[]} */
function findChildren(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g);
    return (children ?? []).map(Number);
  } catch {
    return [];
  }
}
