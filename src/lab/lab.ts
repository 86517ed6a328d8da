import { randomBytes } from 'node:crypto';
import { ConnstormError } from '../errors.ts';
import { blameSettings, type Settings } from './check-settings.ts';
import { type Pooler, startPgBouncer } from './pgbouncer/pgbouncer.ts';
import type { PoolerOptions } from './pgbouncer/pgbouncer-ini.ts';
import { findBinaries } from './postgres/binaries.ts';
import { type ClusterTemplate, createCluster, findIdentity } from './postgres/cluster.ts';
import { buildForkCost } from './postgres/fork-cost.ts';
import { createStormUrl, createSuperuserUrl, type Logins } from './postgres/logins.ts';
import { type Postmaster, type PostmasterOptions, startPostmaster } from './postgres/postmaster.ts';
import { type Replica, Replicas } from './postgres/replicas.ts';
import { ControlledServer, type ServerControl } from './postgres/server-control.ts';
import { renderSettings } from './postgres/settings.ts';
import { type AuthMethod, createStormRole, readStormSecret } from './postgres/storm-role.ts';
import { CleanUp } from './process/clean-up.ts';
import { blameSpace, createLabFolder, nameLabFolder } from './process/lab-folder.ts';
import { findServerAccount, type ServerAccount } from './process/server-account.ts';

/** A Postgres that connstorm started in a temporary folder. */
export interface Lab {
  /** For the storm: logs in as an ordinary database user. Contains the password, except under `trust`. */
  url: string;
  /** For probes and tests: logs in as the superuser. Contains the password. */
  superuserUrl: string;
  /** Pid of the present postmaster; of the last one while the server is stopped. */
  readonly pid: number;
  /** Stops, starts and disturbs the server. */
  control: ServerControl;
  /** The server's niceness, which favours connstorm (see niceness.ts); null if the system does not permit it. */
  niceness: number | null;
  /** The server's version, e.g. `18.4`. */
  version: string;
  /** The folder of the data and the server's log, until `stop`. */
  folder: string;
  /** Path of the server's log. */
  logPath: string;
  /**
   * Resolves with one line for people when the server, its replica or a pooler ends without a call of `stop`, here or in
   * its `control`.
   */
  ended: Promise<string>;
  /** Replicas that were started, in order. */
  replicas: readonly Replica[];
  /**
   * Starts a hot standby that follows the server and ends with the lab. Needs PostgreSQL 15.
   *
   * @param options `cpus`: the CPUs that it may use; absent: those of the server
   */
  startReplica(options?: { cpus?: string }): Promise<Replica>;
  /** URL for the storm, with the server and all replicas as hosts; attempts are spread over all of them. */
  readonly allUrl: string;
  /** The same URL for the storm, which takes whichever host is the primary. */
  readonly primaryUrl: string;
  /**
   * Makes the first replica the primary; the other replicas follow it. Resolves when it takes writes.
   *
   * @param options `lostPrimary`: whether the server is stopped (immediate) before that; otherwise it keeps running as a
   *   second primary
   */
  promote(options: { lostPrimary: boolean }): Promise<void>;
  /**
   * Starts a PgBouncer in front of the server, which ends with the lab. Throws UsageError if PgBouncer is not
   * installed, or refuses its settings.
   */
  startPooler(options?: PoolerOptions): Promise<Pooler>;
  /** Stops the server, its replica and its poolers, and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

export interface LabOptions {
  /** postgresql.conf settings by name. */
  settings?: Settings;
  /** A folder with initdb and postgres (13 or later), to use instead of the embedded ones. */
  postgresBin?: string;
  /** Method by which the storm's database user logs in. Default: scram-sha-256. */
  auth?: AuthMethod;
  /** Whether the server speaks TLS, with a certificate of its own. The storm's URL then asks for it. Default: false. */
  tls?: boolean;
  /** CPU time in milliseconds that each fork costs the postmaster in addition, see fork-cost.ts. */
  forkCostMs?: number;
  /** The CPUs that the servers and poolers may use, in taskset's form, such as `0,2-3`. Absent: all. Needs taskset. */
  cpus?: string;
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
  const conf = renderSettings(options.settings ?? {}, options);
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
  const { auth = 'scram-sha-256', tls = false, socketFolder, template } = options;
  const superuserPassword = template?.superuserPassword ?? createPassword();
  const logins: Logins = { auth, superuserPassword, stormPassword: createPassword(), tls };
  const binaries = await findBinaries(options.postgresBin, folder, account);
  const dataFolder = await createCluster({
    folder,
    binaries,
    account,
    conf,
    auth,
    tls,
    superuserPassword,
    templateFolder: template?.dataFolder,
    socketFolder,
  });
  const { forkCostMs, cpus } = options;
  const preload = forkCostMs === undefined ? undefined : await buildForkCost(folder, forkCostMs);
  const server = {
    name: 'Postgres',
    folder,
    dataFolder,
    binaries,
    account,
    cpus,
    ...(preload === undefined ? {} : { preload }),
  };
  const { postmaster, superuserUrl } = await startServer(server, logins).catch((error: unknown) => {
    throw blameSettings(error, options.settings);
  });
  const { port } = postmaster;
  const url = createStormUrl(logins, [port]);
  const { noteEnd, ...life } = createLife(cleanUp);
  const primary = new ControlledServer(postmaster, server, cleanUp);
  noteEnd('Postgres', primary.ended);
  const replicas = new Replicas({ server, primary, logins, cleanUp, noteEnd });
  const createUrlOfAll = (name: string, value: string) =>
    createStormUrl(logins, [port, ...replicas.ports], { [name]: value });
  return {
    url,
    superuserUrl,
    get pid() {
      return primary.pid;
    },
    control: primary,
    niceness: primary.niceness,
    version: binaries.version,
    folder,
    logPath: postmaster.logPath,
    replicas: replicas.list,
    startReplica: ({ cpus: own } = {}) => explainSpace(replicas.start(own), folder),
    get allUrl() {
      return createUrlOfAll('load_balance_hosts', 'random');
    },
    get primaryUrl() {
      return createUrlOfAll('target_session_attrs', 'primary');
    },
    promote: (how) => replicas.promote(how),
    startPooler: async (pooling) => {
      const secret = await findSecret(logins, superuserUrl);
      const identity = tls ? { tls: findIdentity(dataFolder) } : {};
      const request = { folder, account, cpus, serverUrl: url, auth, secret, ...identity };
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
  logins: Logins,
): Promise<{ postmaster: Postmaster; superuserUrl: string }> {
  const postmaster = await startPostmaster(options);
  const superuserUrl = createSuperuserUrl(logins, postmaster.port);
  const { version } = options.binaries;
  const { auth, stormPassword } = logins;
  await createStormRole(superuserUrl, { auth, password: stormPassword, version });
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
async function findSecret({ auth, stormPassword }: Logins, superuserUrl: string): Promise<string> {
  if (auth === 'trust') return '';
  return auth === 'password' ? stormPassword : readStormSecret(superuserUrl);
}

/** Returns letters, digits, `-` and `_`, which need no escaping in SQL or in a URL. */
function createPassword(): string {
  return randomBytes(18).toString('base64url');
}
