import { randomBytes } from 'node:crypto';
import { ConnstormError } from '../errors.ts';
import { blameSettings, type Settings } from './check-settings.ts';
import { type Pooler, startPgBouncer } from './pgbouncer/pgbouncer.ts';
import type { PoolerOptions } from './pgbouncer/pgbouncer-ini.ts';
import { findBinaries } from './postgres/binaries.ts';
import { type ClusterTemplate, createCluster, SUPERUSER } from './postgres/cluster.ts';
import { buildForkCost } from './postgres/fork-cost.ts';
import { type Postmaster, type PostmasterOptions, startPostmaster } from './postgres/postmaster.ts';
import { startReplica } from './postgres/replica.ts';
import { renderSettings } from './postgres/settings.ts';
import { type AuthMethod, createStormRole, readStormSecret, STORM } from './postgres/storm-role.ts';
import { CleanUp } from './process/clean-up.ts';
import { blameSpace, createLabFolder, nameLabFolder } from './process/lab-folder.ts';
import { lowerPriority } from './process/niceness.ts';
import { findServerAccount, type ServerAccount } from './process/server-account.ts';

/** A Postgres that connstorm started in a temporary folder. */
export interface Lab {
  /** For the storm: logs in as an ordinary database user. Contains the password, except under `trust`. */
  url: string;
  /** For probes and tests: logs in as the superuser. Contains the password. */
  superuserUrl: string;
  /** Pid of the postmaster. */
  pid: number;
  /** The server's niceness, which favours connstorm (see niceness.ts); null if the system does not permit it. */
  niceness: number | null;
  /** The server's version, e.g. `18.4`. */
  version: string;
  /** The folder of the data and the server's log, until `stop`. */
  folder: string;
  /** Path of the server's log. */
  logPath: string;
  /** Resolves with one line for people when the server or a pooler ends without a call of `stop`. */
  ended: Promise<string>;
  /** Starts a hot standby that follows the server and ends with the lab. Call it once at most; needs PostgreSQL 15. */
  startReplica(): Promise<Replica>;
  /**
   * Starts a PgBouncer in front of the server, which ends with the lab. Throws UsageError if PgBouncer is not
   * installed, or refuses its settings.
   */
  startPooler(options?: PoolerOptions): Promise<Pooler>;
  /** Stops the server, its replica and its poolers, and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

/** A replica of the lab's server. It accepts the same logins. */
export interface Replica {
  url: string;
  superuserUrl: string;
  /** Pid of its postmaster. */
  pid: number;
  logPath: string;
}

export interface LabOptions {
  /** postgresql.conf settings by name. */
  settings?: Settings;
  /** A folder with initdb and postgres (13 or later), to use instead of the embedded ones. */
  postgresBin?: string;
  /** Method by which the storm's database user logs in. Default: scram-sha-256. */
  auth?: AuthMethod;
  /** CPU time in milliseconds that each fork costs the postmaster in addition, see fork-cost.ts. */
  forkCostMs?: number;
  /** A folder that the server may write to, for a Unix socket beside 127.0.0.1. Absent: no Unix socket. */
  socketFolder?: string;
  /** If it is aborted while the lab starts, the start fails and nothing is left. Later it has no effect. */
  stop?: AbortSignal;
  /** A cluster to copy instead of creating one, for many labs in a row. Its superuser's password becomes the lab's. */
  template?: ClusterTemplate;
}

/**
 * Starts a Postgres that only this machine can reach, in a folder that only the server's account can read. When this
 * process ends in any way, kill -9 included, the server ends and the folder is removed.
 *
 * @throws UsageError if there is no Postgres to start or no space for it, or if it refuses the settings; ConnstormError
 *   `INTERRUPTED` if `stop` is aborted meanwhile
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const conf = renderSettings(options.settings ?? {}, options.socketFolder);
  const account = findServerAccount();
  if (options.stop?.aborted === true) throw createInterrupted();
  const folder = nameLabFolder();
  // Start the watchdog before the folder exists: this process may end between the two.
  const cleanUp = await CleanUp.start(folder);
  const starting = createLabFolder(account, folder).then(() =>
    startInFolder(folder, account, conf, options, cleanUp),
  );
  try {
    return await unlessAborted(options.stop, cleanUp.track(starting));
  } catch (error) {
    // Look at the space while the folder exists.
    const blamed = await blameSpace(error, folder);
    await cleanUp.run();
    throw blamed;
  }
}

/** Resolves with the result of `starting`, or rejects with INTERRUPTED as soon as `stop` is aborted. */
async function unlessAborted<T>(stop: AbortSignal | undefined, starting: Promise<T>): Promise<T> {
  if (stop === undefined) return starting;
  let refuse = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    refuse = () => reject(createInterrupted());
  });
  if (stop.aborted) refuse();
  stop.addEventListener('abort', refuse);
  try {
    return await Promise.race([aborted, starting]);
  } finally {
    stop.removeEventListener('abort', refuse);
  }
}

function createInterrupted(): ConnstormError {
  const message = 'interrupted while the lab was starting; the lab is removed';
  return new ConnstormError('interrupted', 'INTERRUPTED', message);
}

async function startInFolder(
  folder: string,
  account: ServerAccount | undefined,
  conf: string,
  options: LabOptions,
  cleanUp: CleanUp,
): Promise<Lab> {
  const { auth = 'scram-sha-256', socketFolder, template } = options;
  const superuserPassword = template?.superuserPassword ?? createPassword();
  const passwords = { superuser: superuserPassword, storm: createPassword() };
  const binaries = await findBinaries(options.postgresBin, folder, account);
  const dataFolder = await createCluster({
    folder,
    binaries,
    account,
    conf,
    auth,
    superuserPassword,
    templateFolder: template?.dataFolder,
    socketFolder,
  });
  const { forkCostMs } = options;
  const preload = forkCostMs === undefined ? undefined : await buildForkCost(folder, forkCostMs);
  const server = {
    folder,
    dataFolder,
    binaries,
    account,
    ...(preload === undefined ? {} : { preload }),
  };
  const { postmaster, superuserUrl } = await startServer(server, passwords, auth).catch(
    (error: unknown) => {
      throw blameSettings(error, options.settings);
    },
  );
  const stormPassword = auth === 'trust' ? undefined : passwords.storm;
  const url = createStormUrl(auth, stormPassword, postmaster.port);
  const { noteEnd, ...life } = createLife(cleanUp);
  noteEnd('Postgres', postmaster.ended);
  return {
    url,
    superuserUrl,
    pid: postmaster.pid,
    niceness: lowerPriority(postmaster.pid),
    version: binaries.version,
    folder,
    logPath: postmaster.logPath,
    startReplica: async () => {
      const starting = cleanUp.track(startReplica({ ...server, superuserUrl }));
      const { port, pid, logPath } = await explainSpace(starting, folder);
      return {
        url: createStormUrl(auth, stormPassword, port),
        superuserUrl: createUrl(SUPERUSER, superuserPassword, port, 'postgres'),
        pid,
        logPath,
      };
    },
    startPooler: async (pooling) => {
      const secret = await findSecret(auth, passwords.storm, superuserUrl);
      const request = { folder, account, serverUrl: url, auth, secret };
      const starting = cleanUp.track(startPgBouncer(request, pooling));
      const pooler = await explainSpace(starting, folder);
      noteEnd('PgBouncer', pooler.ended);
      return pooler;
    },
    ...life,
  };
}

async function explainSpace<T>(starting: Promise<T>, folder: string): Promise<T> {
  return starting.catch(async (error: unknown) => {
    throw await blameSpace(error, folder);
  });
}

async function startServer(
  options: PostmasterOptions,
  passwords: { superuser: string; storm: string },
  auth: AuthMethod,
): Promise<{ postmaster: Postmaster; superuserUrl: string }> {
  const postmaster = await startPostmaster(options);
  const superuserUrl = createUrl(SUPERUSER, passwords.superuser, postmaster.port, 'postgres');
  const { version } = options.binaries;
  await createStormRole(superuserUrl, { auth, password: passwords.storm, version });
  return { postmaster, superuserUrl };
}

/**
 * Returns `ended` and `stop` of a lab. `noteEnd` makes `ended` resolve when a program ends before `stop` was called.
 */
function createLife(cleanUp: CleanUp): Pick<Lab, 'ended' | 'stop'> & {
  noteEnd(program: string, end: Promise<string>): void;
} {
  let stopped: Promise<void> | undefined;
  let report = (_line: string): void => {};
  const ended = new Promise<string>((resolve) => {
    report = resolve;
  });
  return {
    ended,
    stop: () => {
      stopped ??= cleanUp.run();
      return stopped;
    },
    noteEnd: (program, end) => {
      void end.then((how) => {
        if (stopped === undefined) report(`the lab's ${program} ended by itself: ${how}`);
      });
    },
  };
}

/**
 * Returns what a pooler's user list holds for the storm's database user. A verifier, as the server keeps it, lets a
 * client's SCRAM login pass through. From a password PgBouncer would derive its own verifier, with a new salt, at every
 * login. Only the password itself can answer a server that asks for a cleartext password.
 */
async function findSecret(
  auth: AuthMethod,
  password: string,
  superuserUrl: string,
): Promise<string> {
  if (auth === 'trust') return '';
  return auth === 'password' ? password : readStormSecret(superuserUrl);
}

/** Returns letters, digits, `-` and `_`, which need no escaping in SQL or in a URL. */
function createPassword(): string {
  return randomBytes(18).toString('base64url');
}

/** Returns the URL for the storm. The lab has no TLS, so under `password` the URL permits a cleartext password. */
function createStormUrl(auth: AuthMethod, password: string | undefined, port: number): string {
  const url = createUrl(STORM, password, port, STORM);
  return auth === 'password' ? `${url}?require_auth=password` : url;
}

function createUrl(
  user: string,
  password: string | undefined,
  port: number,
  database: string,
): string {
  const login = password === undefined ? user : `${user}:${password}`;
  return `postgres://${login}@127.0.0.1:${port}/${database}`;
}
