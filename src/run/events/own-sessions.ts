import { CLOCK_QUERY, renderTermination } from '../../drivers/own-backends.ts';
import { createSideClient, findBreak, type SideClient } from '../../drivers/side-client.ts';
import type { Preflight } from '../../targets/visit/preflight.ts';

type Server = Pick<Preflight, 'target' | 'server'>;

/** A connection to one server beside the storm, which ends the storm's own sessions (see own-backends.ts). */
export class OwnSessions {
  readonly #server: Server;
  readonly #timeoutUs: number;
  readonly #mark: string;
  /** By the server's clock. */
  readonly #since: string;
  #side: SideClient;
  #opened = 1;

  private constructor(
    server: Server,
    options: { timeoutUs: number; mark: string; since: string },
    side: SideClient,
  ) {
    this.#server = server;
    this.#timeoutUs = options.timeoutUs;
    this.#mark = options.mark;
    this.#since = options.since;
    this.#side = side;
  }

  /** Opens the connection. Call it before the first session of the storm. Rejects with the reason if it cannot log in. */
  static async open(
    server: Server,
    { timeoutUs, mark }: { timeoutUs: number; mark: string },
  ): Promise<OwnSessions> {
    const side = await connect(server, timeoutUs);
    try {
      const [row] = await side.query(CLOCK_QUERY);
      return new OwnSessions(server, { timeoutUs, mark, since: String(row?.since) }, side);
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  /** Ends those of the backends that are own sessions. Resolves with how many were sent the signal. */
  async end(pids: readonly number[]): Promise<number> {
    if (pids.length === 0) return 0;
    // An earlier event may have cut it.
    if (findBreak(this.#side.client) !== undefined) await this.#reconnect();
    const own = { pids, mark: this.#mark, since: this.#since };
    const rows = await this.#side.query(renderTermination(own));
    return rows.filter(({ ended }) => ended === true).length;
  }

  /** Connections that were opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** May be called twice. */
  close(): Promise<void> {
    return this.#side.end();
  }

  async #reconnect(): Promise<void> {
    await this.#side.end();
    this.#side = await connect(this.#server, this.#timeoutUs);
    this.#opened++;
  }
}

/** Opens a connection for questions and orders beside the storm. */
export async function connect({ target, server }: Server, timeoutUs: number): Promise<SideClient> {
  const side = createSideClient(target, server.tls !== null, timeoutUs);
  try {
    await side.client.connect();
    return side;
  } catch (error) {
    await side.end();
    throw error;
  }
}
