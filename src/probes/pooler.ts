import type { Endpoint } from '../drivers/driver.ts';
import { createSideClient, type SideClient } from '../drivers/side-client.ts';
import type { PoolerSample } from '../result/samples.ts';

export type PoolerFigures = Omit<PoolerSample, 'type' | 'probe' | 'atUs' | 'elapsedUs' | 'kind'>;

/** PgBouncer's console: the database of this name. Others have none that speaks alike. */
const CONSOLE = 'pgbouncer';

/**
 * PgBouncer's own account, over a connection to its console that is opened before the storm, since at max_client_conn it
 * would be refused. Consoles speak the simple protocol only; columns are read by name, as versions differ.
 */
export class PoolerProbe {
  readonly #side: SideClient;

  private constructor(side: SideClient) {
    this.#side = side;
  }

  /** Rejects with the reason where there is no such console, or this role may not use it. */
  static async start(endpoint: Endpoint, isEncrypted: boolean, timeoutUs: number) {
    const at = { ...endpoint, database: CONSOLE };
    const side = createSideClient(at, isEncrypted, timeoutUs);
    try {
      await side.client.connect();
      const probe = new PoolerProbe(side);
      await probe.sample();
      return probe;
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  /** Of all pools together, but the console's own. */
  async sample(): Promise<PoolerFigures> {
    const { rows } = await this.#side.client.query<Record<string, string>>('SHOW POOLS');
    return addPools(rows.filter(({ database }) => database !== CONSOLE));
  }

  stop(): Promise<void> {
    return this.#side.end();
  }
}

/** Rows of SHOW POOLS, by column name. */
export function addPools(pools: readonly Record<string, string>[]): PoolerFigures {
  const sum = (column: string): number =>
    pools.reduce((total, pool) => total + Number(pool[column] ?? 0), 0);
  const waits = pools.map(
    ({ maxwait = '0', maxwait_us = '0' }) => Number(maxwait) * 1_000_000 + Number(maxwait_us),
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
