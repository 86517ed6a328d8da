import type { Endpoint } from '../../drivers/endpoint.ts';
import { createSideClient, type SideClient } from '../../drivers/side-client.ts';
import {
  PGBOUNCER_CONSOLE as CONSOLE,
  type ConsoleRow,
  readListed,
} from '../../model/poolers/pgbouncer-console.ts';
import type { PoolerSample } from '../../result/records/samples.ts';
import { AcceptQueue, findListeningPids } from '../proc/accept-queue.ts';
import { parseSchedstat, type ThreadTimes } from '../proc/own-process.ts';
import { readText } from '../proc/proc-text.ts';
import type { Asked } from './asked-probe.ts';

export type PoolerFigures = Omit<PoolerSample, 'type' | 'probe' | 'atUs' | 'elapsedUs' | 'kind'>;

/** The current values of the counters. */
interface Totals {
  waitedUs: number | undefined;
  process: ThreadTimes | undefined;
}

/**
 * Reads PgBouncer's own figures over a connection to its console. The connection is opened before the storm, because it
 * would be refused at max_client_conn. Other poolers have no console with the same commands.
 */
export class PoolerProbe implements Asked<PoolerFigures> {
  readonly #side: SideClient;
  readonly #pid: number | undefined;
  readonly #queue: AcceptQueue | undefined;
  #before: Totals = { waitedUs: undefined, process: undefined };

  private constructor(side: SideClient, pid: number | undefined, port: number) {
    this.#side = side;
    this.#pid = pid;
    this.#queue = pid === undefined ? undefined : AcceptQueue.find(pid, port);
  }

  /**
   * Opens the connection to the console. `isHere`: the pooler's address is one of this machine. Rejects with the reason
   * if there is no such console, or if this database user may not use it.
   */
  static async open(
    endpoint: Endpoint,
    isEncrypted: boolean,
    { isHere, timeoutUs }: { isHere: boolean; timeoutUs: number },
  ): Promise<PoolerProbe> {
    const side = createSideClient({ ...endpoint, database: CONSOLE }, isEncrypted, timeoutUs);
    try {
      await side.client.connect();
      // If several processes share the port, it is not known whose console answers.
      const [pid, ...others] = isHere ? findListeningPids(CONSOLE, endpoint.port) : [];
      const probe = new PoolerProbe(side, others.length > 0 ? undefined : pid, endpoint.port);
      await probe.sample();
      return probe;
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  /** Returns the figures since the previous sample. */
  async sample(): Promise<PoolerFigures> {
    const pools = await this.#side.query('SHOW POOLS');
    const stats = await this.#side.query('SHOW STATS');
    const lists = await this.#side.query('SHOW LISTS');
    const before = this.#before;
    const now: Totals = { waitedUs: addWaits(stats), process: this.#readProcess() };
    this.#before = now;
    const acceptQueue = this.#queue?.read();
    return {
      ...addPools(pools),
      ...readLists(lists),
      ...describeTotals(before, now),
      ...(acceptQueue === undefined ? {} : { acceptQueue }),
    };
  }

  stop(): Promise<void> {
    return this.#side.end();
  }

  #readProcess(): ThreadTimes | undefined {
    return this.#pid === undefined
      ? undefined
      : parseSchedstat(readText(`/proc/${this.#pid}/schedstat`));
  }
}

/** Adds up the rows of SHOW POOLS over all pools except the console's own. */
export function addPools(
  rows: readonly ConsoleRow[],
): Omit<PoolerFigures, 'clientsLogin' | 'waitedUs' | 'cpuUs' | 'cpuWaitUs' | 'acceptQueue'> {
  const pools = rows.filter(({ database }) => database !== CONSOLE);
  const sum = (column: string): number =>
    pools.reduce((total, pool) => total + Number(pool[column] ?? 0), 0);
  const waits = pools.map(
    ({ maxwait, maxwait_us }) => Number(maxwait ?? 0) * 1_000_000 + Number(maxwait_us ?? 0),
  );
  return {
    clientsActive: sum('cl_active'),
    clientsWaiting: sum('cl_waiting'),
    serversActive: sum('sv_active'),
    serversIdle: sum('sv_idle') + sum('sv_used') + sum('sv_tested'),
    serversLogin: sum('sv_login'),
    maxWaitUs: Math.max(0, ...waits),
  };
}

/** Adds up total_wait_time over the rows of SHOW STATS, in microseconds; undefined if the column is missing. */
export function addWaits(rows: readonly ConsoleRow[]): number | undefined {
  const waits = rows
    .filter(({ database }) => database !== CONSOLE)
    .map(({ total_wait_time }) => Number(total_wait_time ?? Number.NaN));
  const sum = waits.reduce((total, us) => total + us, 0);
  return Number.isNaN(sum) ? undefined : sum;
}

/** Reads the number of clients that are logging in from the rows of SHOW LISTS (a name and a count each). */
export function readLists(rows: readonly ConsoleRow[]): Pick<PoolerFigures, 'clientsLogin'> {
  const clientsLogin = readListed(rows, 'login_clients');
  return clientsLogin === undefined ? {} : { clientsLogin };
}

function describeTotals(
  before: Totals,
  now: Totals,
): Pick<PoolerFigures, 'waitedUs' | 'cpuUs' | 'cpuWaitUs'> {
  const waitedUs = (now.waitedUs ?? Number.NaN) - (before.waitedUs ?? Number.NaN);
  return {
    ...(waitedUs >= 0 ? { waitedUs } : {}),
    ...(now.process === undefined || before.process === undefined
      ? {}
      : {
          cpuUs: now.process.cpuUs - before.process.cpuUs,
          cpuWaitUs: now.process.cpuWaitUs - before.process.cpuWaitUs,
        }),
  };
}
