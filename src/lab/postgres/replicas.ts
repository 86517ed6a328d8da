import type pg from 'pg';
import { ConnstormError, UsageError } from '../../errors.ts';
import type { CleanUp } from '../process/clean-up.ts';
import { asSuperuser } from './as-superuser.ts';
import { createStormUrl, createSuperuserUrl, type Logins } from './logins.ts';
import type { PostmasterOptions } from './postmaster.ts';
import { renderConnection, startReplica } from './replica.ts';
import { ControlledServer, type ServerControl } from './server-control.ts';

/** A hot standby that follows the lab's server. It accepts the same logins. */
export interface Replica {
  /** Its role as a target: `replica`, `replica2` and so on. */
  name: string;
  url: string;
  superuserUrl: string;
  /** Pid of its present postmaster; of the last one while it is stopped. */
  readonly pid: number;
  /** Stops, starts and disturbs it. */
  control: ServerControl;
  logPath: string;
}

/** Most replicas of a lab. */
export const MOST_REPLICAS = 4;

/** What the replicas of a lab have in common with its server. */
export interface ReplicasOptions {
  server: PostmasterOptions;
  primary: ControlledServer;
  logins: Logins;
  cleanUp: CleanUp;
  /** Is called with each replica, which ends by itself when the promise resolves. */
  noteEnd: (name: string, end: Promise<string>) => void;
}

/** The replicas of a lab, in the order in which they were started. */
export class Replicas {
  readonly list: readonly Replica[];
  readonly #list: Replica[] = [];
  readonly #ports: number[] = [];
  readonly #options: ReplicasOptions;
  #began = 0;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.list = this.#list;
  }

  /** Ports of all replicas. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /**
   * Starts one more replica. Resolves when it accepts logins and follows the server.
   *
   * @param cpus the CPUs that it may use; undefined: those of the server
   * @throws UsageError if the server is older than PostgreSQL 15, or there are too many replicas; ConnstormError
   *   `LAB_REPLICA` with one line if it does not come up
   */
  async start(cpus: string | undefined): Promise<Replica> {
    const { server, primary, logins, cleanUp, noteEnd } = this.#options;
    requireVersion(server.binaries.version);
    if (this.#began === MOST_REPLICAS) throw refuseMore();
    this.#began++;
    const name = nameReplica(this.#began);
    const primaryUrl = createSuperuserUrl(logins, primary.port);
    const own = { ...server, ...(cpus === undefined ? {} : { cpus }), name };
    const started = await cleanUp.track(startReplica(own, primaryUrl)).catch((error: unknown) => {
      throw explain(name, error);
    });
    const { postmaster, options } = started;
    const control = new ControlledServer(postmaster, options, cleanUp);
    noteEnd(name, control.ended);
    const replica: Replica = {
      name,
      url: createStormUrl(logins, [postmaster.port]),
      superuserUrl: createSuperuserUrl(logins, postmaster.port),
      get pid() {
        return control.pid;
      },
      control,
      logPath: postmaster.logPath,
    };
    this.#list.push(replica);
    this.#ports.push(postmaster.port);
    return replica;
  }

  /**
   * Makes the first replica the primary. The others follow it from then on. Resolves when it takes writes.
   *
   * @param lostPrimary whether the present primary is stopped (immediate) before that; otherwise it keeps running, as a
   *   second primary
   * @throws ConnstormError `LAB_PROMOTE` if there is no replica, or if the replica cannot be promoted
   */
  async promote({ lostPrimary }: { lostPrimary: boolean }): Promise<void> {
    const { primary, cleanUp } = this.#options;
    const [first, ...others] = this.#list;
    if (first === undefined) {
      throw refuse('the lab has no replica that could be promoted: set lab.replicas to 1 or more');
    }
    // Log in first: once the primary is gone, its clients may fill the replica's queue before us.
    const promoting = asSuperuser(first.superuserUrl, async (client) => {
      if (lostPrimary && primary.isRunning) await primary.stop('immediate');
      await makePrimary(client);
    });
    const doing = promoting.then(() => follow(first, others));
    await cleanUp.track(doing).catch((error: unknown) => {
      throw refuse(`the lab's ${first.name} was not promoted: ${(error as Error).message}`, error);
    });
  }
}

const PROMOTE_TIMEOUT_S = 60;

async function makePrimary(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ done: boolean }>('SELECT pg_promote(true, $1) AS done', [
    PROMOTE_TIMEOUT_S,
  ]);
  if (rows[0]?.done !== true) throw new Error(`it took longer than ${PROMOTE_TIMEOUT_S} s`);
  // A transaction id is given only to a transaction that may write.
  await client.query('SELECT pg_current_xact_id()');
}

/** Makes replicas follow a new primary. They take up its WAL by themselves. */
async function follow(primary: Replica, replicas: readonly Replica[]): Promise<void> {
  for (const { name, superuserUrl } of replicas) {
    const connection = renderConnection(primary.superuserUrl, name);
    await asSuperuser(superuserUrl, async (client) => {
      await client.query(`ALTER SYSTEM SET primary_conninfo = '${connection}'`);
      await client.query('SELECT pg_reload_conf()');
    });
  }
}

/** Returns the role of the n-th replica, counted from 1. */
export function nameReplica(n: number): string {
  return n === 1 ? 'replica' : `replica${n}`;
}

/** A replica is made with pg_backup_start, which exists since 15. */
const OLDEST_VERSION = 15;

function requireVersion(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_VERSION) return;
  const message = `the lab's Postgres is ${version}, and its replicas need PostgreSQL ${OLDEST_VERSION} or later: leave lab.replicas out, or name another Postgres`;
  throw new UsageError('LAB_REPLICA', message);
}

function refuseMore(): UsageError {
  return new UsageError('LAB_REPLICA', `a lab can have at most ${MOST_REPLICAS} replicas`);
}

function explain(name: string, error: unknown): unknown {
  if (error instanceof ConnstormError) return error;
  const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
  const message = `the lab's ${name} did not start: ${why}`;
  return new ConnstormError('internal', 'LAB_REPLICA', message, { cause: error });
}

function refuse(message: string, cause?: unknown): ConnstormError {
  return new ConnstormError('internal', 'LAB_PROMOTE', message, { cause });
}
