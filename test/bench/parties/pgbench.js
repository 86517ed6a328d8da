// @ts-check

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runAccounted } from './child-cpu.js';
import { measureMarginal } from './marginal.js';

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
 * Who is measured: `connects` are those of all clients (default one), which share one thread. `ratePerSecond`: paced by pgbench's
 * own schedule; as fast as it goes without. libpq's default `gssencmode=prefer` looks for Kerberos credentials at every
 * connect, which more than doubles its cost where libpq was built with GSSAPI, as Debian's is; `gss: false` switches
 * that off.
 *
 * @typedef {{ url: string, clients?: number, gss?: boolean, tls?: boolean, ratePerSecond?: number }} PgbenchLoad
 * @typedef {PgbenchLoad & { name: string, lengths: import('../plan.js').Lengths, goal?: number | undefined }} PgbenchRival
 */

/**
 * The CPU of a connect and close of `pgbench -C`: that of a longer run less that of a shorter one, see marginalOf.
 *
 * @param {import('../benchmarks.js').Bench} bench @param {PgbenchRival} rival `lengths` in connects.
 * @returns {import('./parties.js').Rival} In microseconds; `second` is the kernel's share.
 */
export function pgbenchRival({ pgbench, plan }, { name, lengths, goal, ...load }) {
  return {
    name,
    obstacle: pgbench === null ? 'no pgbench here' : null,
    goal,
    ratePerSecond: load.ratePerSecond,
    measure: async () => {
      const run = (/** @type {number} */ connects) => runPgbench(pgbench ?? '', load, connects);
      const marginal = await measureMarginal(run, plan.lengths(lengths));
      return {
        value: marginal.cpuUsPerConnect,
        second: marginal.kernelUsPerConnect,
        ratePerSecond: marginal.ratePerSecond,
      };
    },
  };
}

/**
 * Connects and closes with `pgbench -C`, no query in between (its script sets a variable), without TLS unless asked.
 *
 * @param {string} program @param {PgbenchLoad} load @param {number} connects Rounded to as many for each client.
 * @returns {Promise<import('./marginal.js').Run>} Throws where it did less.
 */
async function runPgbench(program, load, connects) {
  const { url, clients = 1, gss = true, tls = false, ratePerSecond } = load;
  const each = Math.max(1, Math.round(connects / clients));
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  try {
    const script = join(folder, 'connect-only.sql');
    writeFileSync(script, '\\set a 1\n');
    const pace = ratePerSecond === undefined ? [] : ['-R', `${ratePerSecond}`];
    const size = ['-c', `${clients}`, '-t', `${each}`];
    const command = [program, '-n', '-C', '-f', script, ...size, ...pace, ...hostOf(url)];
    const environment = {
      PGSSLMODE: tls ? 'require' : 'disable',
      PGGSSENCMODE: gss ? 'prefer' : 'disable',
      PGPASSWORD: decodeURIComponent(new URL(url).password),
    };
    const { cpuUs, kernelUs, elapsedUs, stdout } = await runAccounted(command, environment);
    const done = Number(/actually processed: (\d+)/.exec(stdout)?.[1] ?? 0);
    if (done !== each * clients) throw new Error(`pgbench did less than asked:\n${stdout}`);
    return { connects: done, cpuUs, kernelUs, elapsedUs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} url */
function hostOf(url) {
  const { hostname, port, username, pathname } = new URL(url);
  return ['-h', hostname, '-p', port, '-U', decodeURIComponent(username), pathname.slice(1)];
}
