import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDescriptorLimit } from '../../probes/proc/descriptor-limit.ts';
import { blameSettings, type Settings } from '../check-settings.ts';
import type { AuthMethod } from '../postgres/storm-role.ts';
import { lowerPriority } from '../process/niceness.ts';
import { chooseRandomPort, isPortFree, PORT_ATTEMPTS } from '../process/port.ts';
import { readLogTail } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import { requirePgBouncer } from './find-pgbouncer.ts';
import {
  type PoolerOptions,
  planPgBouncer,
  renderPgBouncerIni,
  renderUserList,
} from './pgbouncer-ini.ts';
import { failedStart, type PgBouncerProcesses, startProcesses } from './pgbouncer-processes.ts';

/** A PgBouncer in front of the lab's server, on 127.0.0.1. */
export interface Pooler {
  /** Logs in as the storm's database user, through PgBouncer. Contains the password if the lab's URL does. */
  url: string;
  port: number;
  /** One pid for each process. */
  pids: number[];
  /** PgBouncer's version, e.g. `1.18.0`. */
  version: string;
  /** The pool mode that is in effect. */
  poolMode: string;
  poolSize: number;
  /** The log of all processes. */
  logPath: string;
  /** The niceness of its processes, like the lab's server's, see niceness.ts; null if the system does not permit it. */
  niceness: number | null;
  /** Resolves with one line for people when one of its processes ends without a call of `stop`. */
  ended: Promise<string>;
  /** Ends it at once, before the lab ends, and removes its files. May be called twice. */
  stop(): Promise<void>;
}

export interface PoolerRequest {
  /** The lab's folder. The lab's watchdog recognizes PgBouncer by it. */
  folder: string;
  account: ServerAccount | undefined;
  /** The CPUs that it may use, in taskset's form; absent: all. */
  cpus?: string | undefined;
  /** URL of the storm's database user at the server. */
  serverUrl: string;
  auth: AuthMethod;
  /**
   * The user's secret in the user list: as the server keeps it; under `password` the password; under `trust` nothing.
   */
  secret: string;
  /** Its certificate, if clients and the server use TLS; absent: they do not. */
  tls?: { certPath: string; keyPath: string };
}

/**
 * Starts PgBouncer. Resolves when all its processes accept connections.
 *
 * @throws UsageError if it is not installed or refuses the settings; ConnstormError if it does not start
 */
export async function startPgBouncer(
  request: PoolerRequest,
  options: PoolerOptions = {},
  choosePort: () => number = chooseRandomPort,
): Promise<Pooler> {
  const file = requirePgBouncer();
  const folder = await mkdtemp(join(request.folder, 'pgbouncer-'));
  try {
    await give(folder, request.account);
    for (let attempt = 1; ; attempt++) {
      const port = choosePort();
      const started = await startOn(port, file, folder, request, options);
      if (started !== undefined) return createPooler(started, port, folder, request);
      if (attempt === PORT_ATTEMPTS) throw failedStart('it found no free port');
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw blameSettings(error, options.settings);
  }
}

interface Started {
  processes: PgBouncerProcesses;
  settings: Settings;
  logPath: string;
}

/** Starts PgBouncer on a port. Resolves with undefined if the port is taken. */
async function startOn(
  port: number,
  file: string,
  folder: string,
  request: PoolerRequest,
  options: PoolerOptions,
): Promise<Started | undefined> {
  // so_reuseport would also share a port with another PgBouncer that shares it, without an error. So check first.
  if (!(await isPortFree(port))) return undefined;
  const { settings, iniPath } = await writeFiles(port, folder, request, options);
  const logPath = join(folder, 'pgbouncer.log');
  await rm(logPath, { force: true });
  const { account, cpus } = request;
  try {
    const count = options.processes ?? 1;
    const processes = await startProcesses({ file, iniPath, logPath, account, cpus, count });
    return { processes, settings, logPath };
  } catch (error) {
    if ((await readLogTail(logPath, 20)).includes('Address already in use')) return undefined;
    throw error;
  }
}

async function writeFiles(
  port: number,
  folder: string,
  { account, serverUrl, auth, secret, tls }: PoolerRequest,
  options: PoolerOptions,
): Promise<{ settings: Settings; iniPath: string }> {
  const { hostname, port: serverPort, username } = new URL(serverUrl);
  const iniPath = join(folder, 'pgbouncer.ini');
  const userList = join(folder, 'users.txt');
  const descriptorLimit = readDescriptorLimit();
  const place = {
    port,
    auth,
    user: username,
    userList,
    descriptorLimit,
    ...(tls === undefined ? {} : { tls }),
  };
  const settings = planPgBouncer(options, place);
  await writeFor(iniPath, renderPgBouncerIni(settings, hostname, serverPort), account);
  await writeFor(userList, renderUserList(username, secret), account);
  return { settings, iniPath };
}

function createPooler(
  { processes, settings, logPath }: Started,
  port: number,
  folder: string,
  { serverUrl }: PoolerRequest,
): Pooler {
  const url = new URL(serverUrl);
  url.port = String(port);
  const { pids, version } = processes;
  const [niceness = null] = pids.map(lowerPriority);
  let stopped: Promise<void> | undefined;
  return {
    url: url.href,
    port,
    pids,
    version,
    poolMode: String(settings.pool_mode),
    poolSize: Number(settings.default_pool_size),
    logPath,
    niceness,
    ended: new Promise((resolve) => {
      void processes.oneEnded.then((how) => {
        if (stopped === undefined) resolve(how);
      });
    }),
    stop: () => {
      stopped ??= processes.end().then(() => rm(folder, { recursive: true, force: true }));
      return stopped;
    },
  };
}

/** Writes a file with mode 0600, owned by the account that PgBouncer runs under. */
async function writeFor(
  path: string,
  text: string,
  account: ServerAccount | undefined,
): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await give(path, account);
}

async function give(path: string, account: ServerAccount | undefined): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
