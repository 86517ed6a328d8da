import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Endpoint, isUnixSocket } from './endpoint.ts';
import { maySendCleartext } from './login/auth-requirement.ts';
import { DEFAULT_MAX_ITERATIONS } from './login/scram.ts';
import { END_TIMEOUT_MS } from './pg/pg-driver-parts.ts';
import { keepAlive } from './transport/socket-link.ts';
import { createTlsContext, createTlsOptions } from './transport/tls.ts';

/** A connection of the pg library for questions beside the storm. */
export interface SideClient {
  client: pg.Client;
  /**
   * Resolves with the rows of one statement, by the simple protocol. If the connection broke, rejects with the cause.
   */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Sends Terminate, waits a second at most, and closes: some poolers keep the socket open. May be called twice. */
  end(): Promise<void>;
}

/**
 * Creates a client that is not connected yet. `isEncrypted`: whether a login like the storm's got TLS, because pg has
 * no `prefer`. Once the connection is broken, its queries fail.
 */
export function createSideClient(
  endpoint: Endpoint,
  isEncrypted: boolean,
  timeoutUs: number,
): SideClient {
  const socket = new Socket();
  keepAlive(socket, endpoint.keepaliveIdleS);
  const config = configure(endpoint, isEncrypted, timeoutUs);
  const client = new pg.Client({ ...config, stream: () => socket });
  if (!maySendCleartext(isEncrypted, endpoint.requireAuth)) {
    // A server may ask for a cleartext password only now, and pg would answer it.
    const { connection } = client as pg.Client & { connection: EventEmitter };
    connection.on('authenticationCleartextPassword', () => socket.destroy());
  }
  noteBreak(client);
  return {
    client,
    query: async (text) => {
      try {
        const { rows } = await client.query<Record<string, unknown>>(text);
        return rows;
      } catch (error) {
        throw findBreak(client) ?? error;
      }
    },
    end: async () => {
      const ending = client.end().catch(() => {});
      await Promise.race([ending, delay(END_TIMEOUT_MS, null, { ref: false })]);
      socket.destroy();
    },
  };
}

const BREAKS = new WeakMap<pg.Client, Error>();

/** Returns what broke a side client's connection; undefined while it is whole. pg's later errors do not say it. */
export function findBreak(client: pg.Client): Error | undefined {
  return BREAKS.get(client);
}

/**
 * Marks the connection as broken, so that no more is asked. pg would queue each query behind the one that `error`
 * describes as unanswered.
 */
export function giveUp(client: pg.Client, error: Error): void {
  if (!BREAKS.has(client)) BREAKS.set(client, error);
}

/** Notes what breaks the connection. An error that no ReadyForQuery follows is why the server ended it. */
function noteBreak(client: pg.Client): void {
  const { connection } = client as pg.Client & { connection: EventEmitter };
  let said: Error | undefined;
  connection.on('errorMessage', (error: pg.DatabaseError) => {
    said = error;
    // After a FATAL some poolers leave the socket open.
    if (error.severity === 'FATAL' || error.severity === 'PANIC') giveUp(client, error);
  });
  connection.on('readyForQuery', () => {
    said = undefined;
  });
  // Without a listener the event would end the process.
  client.on('error', (error) => giveUp(client, said ?? error));
}

function configure(endpoint: Endpoint, isEncrypted: boolean, timeoutUs: number): pg.ClientConfig {
  const timeoutMs = Math.ceil(timeoutUs / 1000);
  // These options are missing in @types/pg.
  const security = {
    sslnegotiation: endpoint.tls?.negotiation ?? 'postgres',
    enableChannelBinding: endpoint.channelBinding === 'require',
    scramMaxIterations: endpoint.maxScramIterations ?? DEFAULT_MAX_ITERATIONS,
  };
  return {
    ...security,
    // pg expects the directory of a Unix socket as its host.
    host: isUnixSocket(endpoint.address) ? endpoint.host : endpoint.address,
    port: endpoint.port,
    user: endpoint.user,
    database: endpoint.database,
    // A function prevents pg from looking into PGPASSWORD and ~/.pgpass.
    password: () => endpoint.password ?? '',
    application_name: endpoint.applicationName,
    // pg would replace an empty value by PGOPTIONS.
    ...(endpoint.options === undefined ? {} : { options: endpoint.options }),
    ssl: isEncrypted ? createTlsOptions(endpoint, createTlsContext(endpoint.tls)) : false,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  };
}
