import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnstormError } from '../errors.ts';
import { readDescriptorLimit } from '../probes/descriptor-limit.ts';
import { blameSettings, type Settings } from './check-settings.ts';
import { requirePgBouncer } from './find-pgbouncer.ts';
import { lowerPriority } from './niceness.ts';
import {
  type PoolerOptions,
  planPgBouncer,
  renderPgBouncerIni,
  renderUserList,
} from './pgbouncer-ini.ts';
import { chooseRandomPort, isPortFree } from './port.ts';
import { describeEnd, type Program, readLogTail, startProgram } from './program.ts';
import type { ServerAccount } from './server-account.ts';
import type { AuthMethod } from './storm-role.ts';

/** A PgBouncer in front of the lab's server, on 127.0.0.1. */
export interface Pooler {
  /** The storm's role, through it. Contains the password where the lab's URL does. */
  url: string;
  port: number;
  /** One for each process. */
  pids: number[];
  /** E.g. `1.18.0`. */
  version: string;
  /** As it runs. */
  poolMode: string;
  poolSize: number;
  /** Of all processes. */
  logPath: string;
  /** As the lab's server is, see niceness.ts; null where the system does not allow it. */
  niceness: number | null;
  /** Resolves, with one line for people, when a process of it ends without `stop` having been called. */
  ended: Promise<string>;
  /** Ends it at once, before the lab does, and removes its files; may be called twice. */
  stop(): Promise<void>;
}

export interface PoolerRequest {
  /** The lab's: its watchdog knows PgBouncer by it. */
  folder: string;
  account: ServerAccount | undefined;
  /** The storm's role at the server. */
  serverUrl: string;
  auth: AuthMethod;
  /** What the user list has for the role: as the server keeps it, the password under `password`, nothing under `trust`. */
  secret: string;
}

const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

/**
 * Starts PgBouncer, and resolves when all its processes take connections.
 *
 * @throws UsageError where it is not installed, or refuses the settings; ConnstormError where it does not start
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
  programs: Program[];
  settings: Settings;
  version: string;
  logPath: string;
}

/** undefined where the port is taken. */
async function startOn(
  port: number,
  file: string,
  folder: string,
  request: PoolerRequest,
  options: PoolerOptions,
): Promise<Started | undefined> {
  // Processes that share a port would share one that another PgBouncer shares, too: they do not find that out themselves.
  if (!(await isPortFree(port))) return undefined;
  const { account, serverUrl, auth, secret } = request;
  const { hostname, port: serverPort, username } = new URL(serverUrl);
  const paths = {
    ini: join(folder, 'pgbouncer.ini'),
    userList: join(folder, 'users.txt'),
    log: join(folder, 'pgbouncer.log'),
  };
  const server = { serverHost: hostname, serverPort };
  const settings = planPgBouncer(options, {
    ...server,
    port,
    auth,
    user: username,
    userList: paths.userList,
    descriptorLimit: readDescriptorLimit(),
  });
  await writeFor(paths.ini, renderPgBouncerIni(settings, server), account);
  await writeFor(paths.userList, renderUserList(username, secret), account);
  await rm(paths.log, { force: true });
  const programs: Program[] = [];
  try {
    for (let process = 0; process < (options.processes ?? 1); process++) {
      programs.push(await startProgram(file, [paths.ini], paths.log, { account, sharesLog: true }));
    }
    const version = await waitUntilUp(programs, paths.log);
    return { programs, settings, version, logPath: paths.log };
  } catch (error) {
    await endAll(programs);
    if ((await readLogTail(paths.log, 20)).includes('Address already in use')) return undefined;
    throw error instanceof ConnstormError ? error : failedStart(`${file}: ${error}`, error);
  }
}

function createPooler(
  { programs, settings, version, logPath }: Started,
  port: number,
  folder: string,
  { serverUrl }: PoolerRequest,
): Pooler {
  const url = new URL(serverUrl);
  url.port = String(port);
  const pids = programs.flatMap(({ child }) => child.pid ?? []);
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
      for (const program of programs) {
        void describeProgramEnd(program, logPath).then((how) => {
          if (stopped === undefined) resolve(how);
        });
      }
    }),
    stop: () => {
      stopped ??= endAll(programs).then(() => rm(folder, { recursive: true, force: true }));
      return stopped;
    },
  };
}

/** SIGKILL: it leaves nothing behind, and its other signals mean to wait for clients in one version or another. */
async function endAll(programs: readonly Program[]): Promise<void> {
  for (const { child } of programs) {
    child.ref();
    child.kill('SIGKILL');
  }
  await Promise.all(programs.map(({ ended }) => ended));
}

/** Resolves with the version; rejects where one has ended, or takes too long. */
async function waitUntilUp(programs: readonly Program[], logPath: string): Promise<string> {
  let end: string | undefined;
  for (const program of programs) {
    void describeProgramEnd(program, logPath).then((how) => {
      end ??= how;
    });
  }
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (end === undefined) {
    const log = await readFile(logPath, 'utf8');
    const versions = programs.map(({ child }) => findVersion(log, child.pid));
    const [version] = versions;
    if (version !== undefined && !versions.includes(undefined)) return version;
    if (performance.now() > deadline) {
      throw failedStart(`it was not up within ${START_TIMEOUT_MS / 1000} s`);
    }
    await delay(POLL_MS);
  }
  throw failedStart(end);
}

/** A process says in its log that it is up, once it listens. */
function findVersion(log: string, pid: number | undefined): string | undefined {
  return new RegExp(`\\[${pid}\\] LOG process up: PgBouncer ([^\\s,]+)`).exec(log)?.[1];
}

async function describeProgramEnd({ ended }: Program, logPath: string): Promise<string> {
  const end = await ended;
  return `it ${describeEnd(end)}, its log ends: ${await readLogTail(logPath)}`;
}

function failedStart(why: string, cause?: unknown): ConnstormError {
  const message = `the lab's PgBouncer did not start: ${why}`;
  return new ConnstormError('internal', 'LAB_PGBOUNCER', message, { cause });
}

/** Of mode 0600, and the account's that PgBouncer runs under. */
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
