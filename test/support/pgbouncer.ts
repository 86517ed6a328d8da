import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Lab } from '../../src/lab/lab.ts';
import { runAs } from '../../src/lab/program.ts';
import { findServerAccount } from '../../src/lab/server-account.ts';
import type { Identity } from './server/certificate.js';

/** Debian puts it into a folder that is not in everybody's PATH. */
const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
const START_TIMEOUT_MS = 10_000;
const PORT_ATTEMPTS = 5;

/** Where PgBouncer is; undefined where it is not installed. */
export function findPgBouncer(): string | undefined {
  return FOLDERS.map((folder) => join(folder, 'pgbouncer')).find(isExecutable);
}

export interface PgBouncerOptions {
  /** Lines of the section [pgbouncer], by name, over those below. */
  settings?: Record<string, string | number>;
  /** Clients may use TLS, with this certificate; `clientTls` says how (client_tls_sslmode), `require` unless given. */
  identity?: Identity;
  clientTls?: 'allow' | 'prefer' | 'require';
}

/** A PgBouncer in front of a lab, on 127.0.0.1, in a temporary folder of its own. */
export interface PgBouncer {
  /** The storm's role, as at the lab, through the pooler. */
  url: string;
  port: number;
  /** Its log so far. */
  readLog(): Promise<string>;
  /** Ends it and removes the folder; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer with what lets a client's SCRAM login pass through to the server: the verifier of the storm's role
 * as the server keeps it, and no user in the database's line. Resolves when it listens.
 */
export async function startPgBouncer(lab: Lab, options: PgBouncerOptions = {}): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'connstorm-pgbouncer-'));
  const logPath = join(folder, 'pgbouncer.log');
  try {
    const { child, port } = await startInFolder(lab, options, folder, logPath);
    let stopped: Promise<void> | undefined;
    const url = new URL(lab.url);
    url.port = String(port);
    return {
      url: url.href,
      port,
      readLog: () => readFile(logPath, 'utf8'),
      stop: () => {
        stopped ??= stop(child, folder);
        return stopped;
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Runs `use` with a PgBouncer of its own; prints its log where it fails. */
export async function withPgBouncer<T>(
  lab: Lab,
  options: PgBouncerOptions,
  use: (pooler: PgBouncer) => Promise<T>,
): Promise<T> {
  const pooler = await startPgBouncer(lab, options);
  try {
    return await use(pooler);
  } catch (error) {
    console.error(`PgBouncer's log:\n${await pooler.readLog()}`);
    throw error;
  } finally {
    await pooler.stop();
  }
}

/** A port that was taken meanwhile ends PgBouncer: then another is tried. */
async function startInFolder(
  lab: Lab,
  options: PgBouncerOptions,
  folder: string,
  logPath: string,
): Promise<{ child: ChildProcess; port: number }> {
  const file = findPgBouncer();
  if (file === undefined) throw new Error(`pgbouncer is in none of ${FOLDERS.join(', ')}`);
  const secret = await readSecret(lab);
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort();
    await writeFiles(folder, lab, port, secret, options);
    const ini = join(folder, 'pgbouncer.ini');
    const child = await spawnGuarded(file, ini, logPath);
    if (await isListening(child, port)) return { child, port };
    await end(child);
    if (attempt === PORT_ATTEMPTS) {
      throw new Error(`PgBouncer did not start:\n${await readFile(logPath, 'utf8')}`);
    }
  }
}

/** The SCRAM verifier of the storm's role: who knows it may log in as a client and ask, but not learn the password. */
async function readSecret({ url, superuserUrl }: Lab): Promise<string> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ rolpassword: string }>(
      'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
      [new URL(url).username],
    );
    return rows[0]?.rolpassword ?? '';
  } finally {
    await client.end();
  }
}

async function writeFiles(
  folder: string,
  lab: Lab,
  port: number,
  secret: string,
  { settings, identity, clientTls = 'require' }: PgBouncerOptions,
): Promise<void> {
  const { hostname, port: serverPort, username } = new URL(lab.url);
  const tls = {
    client_tls_sslmode: clientTls,
    client_tls_key_file: join(folder, 'server.key'),
    client_tls_cert_file: join(folder, 'server.crt'),
  };
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(folder, 'users.txt'),
    ignore_startup_parameters: 'extra_float_digits,options',
    listen_backlog: 4096,
    server_login_retry: 1,
    ...(identity === undefined ? {} : tls),
    ...settings,
  };
  const ini = [
    '[databases]',
    `* = host=${hostname} port=${serverPort}`,
    '[pgbouncer]',
    ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
  ];
  const files = {
    'pgbouncer.ini': `${ini.join('\n')}\n`,
    'users.txt': `"${username}" "${secret}"\n`,
    ...(identity === undefined ? {} : { 'server.key': identity.key, 'server.crt': identity.cert }),
  };
  for (const [name, text] of Object.entries(files)) await giveFile(join(folder, name), text);
  await give(folder, 0o700);
}

async function giveFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await give(path, 0o600);
}

/** To the account that PgBouncer runs under where we are root. */
async function give(path: string, mode: number): Promise<void> {
  const account = findServerAccount();
  await chmod(path, mode);
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Free a moment ago. */
async function choosePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** PgBouncer replaces the shell; who is left waits for its input to end, as it does however we end, and ends PgBouncer. */
const GUARD = `exec 3<&0; (read _ <&3; kill $$) & exec "$0" "$1" </dev/null 3<&-`;

async function spawnGuarded(file: string, ini: string, logPath: string): Promise<ChildProcess> {
  const log = await open(logPath, 'w');
  try {
    const child = spawn('sh', ['-c', GUARD, file, ini], {
      ...runAs(findServerAccount()),
      stdio: ['pipe', log.fd, log.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

/** False when it ended before it did. */
async function isListening(child: ChildProcess, port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    if (await canConnect(port)) return true;
    if (performance.now() > deadline) return false;
    await delay(5);
  }
  return false;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  await end(child);
  await rm(folder, { recursive: true, force: true });
}

async function end(child: ChildProcess): Promise<void> {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  const exit = hasEnded ? undefined : once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  child.stdin?.end();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
