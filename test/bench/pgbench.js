// @ts-check

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runAccounted } from './child-cpu.js';

const DEBIAN = Array.from({ length: 10 }, (_, i) => `/usr/lib/postgresql/${24 - i}/bin`);

/** @returns {string | null} The newest pgbench of Debian's folders, else the first in PATH. */
export function findPgbench() {
  const folders = [...DEBIAN, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, 'pgbench')).find((path) => existsSync(path)) ?? null;
}

/** @param {string} program @returns {string} For people, e.g. `pgbench (PostgreSQL) 15.8`. */
export function readPgbenchVersion(program) {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
}

/**
 * Connects and closes with `pgbench -C`, no query in between (its script sets a variable), without TLS unless asked. libpq's
 * default `gssencmode=prefer` looks for Kerberos credentials at every connect, which more than doubles its cost
 * where libpq was built with GSSAPI, as Debian's is; `gss: false` switches that off.
 *
 * @param {string} program
 * @param {{ url: string, connects: number, clients?: number, gss?: boolean, tls?: boolean, ratePerSecond?: number }} options `connects`:
 *   of all clients (default one), which share one thread. `ratePerSecond`: paced by pgbench's own schedule; as fast as it goes without.
 * @returns {Promise<{ connects: number, cpuUsPerConnect: number, kernelUsPerConnect: number, ratePerSecond: number }>}
 */
export async function measurePgbench(
  program,
  { url, connects, clients = 1, gss = true, tls = false, ratePerSecond },
) {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  try {
    const script = join(folder, 'connect-only.sql');
    writeFileSync(script, '\\set a 1\n');
    const pace = ratePerSecond === undefined ? [] : ['-R', `${ratePerSecond}`];
    const command = [
      program,
      '-n',
      '-C',
      '-f',
      script,
      '-c',
      `${clients}`,
      '-t',
      `${connects / clients}`,
      ...pace,
      ...hostOf(url),
    ];
    const environment = {
      PGSSLMODE: tls ? 'require' : 'disable',
      PGGSSENCMODE: gss ? 'prefer' : 'disable',
      PGPASSWORD: decodeURIComponent(new URL(url).password),
    };
    const { cpuUs, kernelUs, elapsedUs, stdout } = await runAccounted(command, environment);
    const done = Number(/actually processed: (\d+)/.exec(stdout)?.[1] ?? 0);
    if (done !== connects) throw new Error(`pgbench did less than asked:\n${stdout}`);
    return {
      connects: done,
      cpuUsPerConnect: cpuUs / done,
      kernelUsPerConnect: kernelUs / done,
      ratePerSecond: (done * 1e6) / elapsedUs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} url */
function hostOf(url) {
  const { hostname, port, username, pathname } = new URL(url);
  return ['-h', hostname, '-p', port, '-U', decodeURIComponent(username), pathname.slice(1)];
}
