import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Endpoint, isUnixSocket } from './endpoint.ts';
import { maySendCleartext } from './login/auth-requirement.ts';
import { DEFAULT_MAX_ITERATIONS } from './login/scram.ts';
import { END_TIMEOUT_MS } from './pg/pg-shared.ts';
import { keepAlive } from './transport/socket-link.ts';
import { createTlsContext, createTlsOptions } from './transport/tls.ts';

/** A connection of the pg library for questions beside the storm. */
export interface SideClient {
  client: pg.Client;
  /** Rows of one statement, by the simple protocol. Rejects with what broke the connection, where something has. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Says Terminate, and waits for nobody: some poolers keep the socket open. May be called twice. */
  end(): Promise<void>;
}

/**
 * Not connected yet. `isEncrypted`: whether a login as the storm's got TLS, since pg knows no `prefer`.
 * What breaks the connection makes its queries fail.
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
    // The pg library would answer a server that asks for a cleartext password now, and has not before.
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

/** What ended a side client's connection; undefined while it is whole. The library's answers to later questions do not say it. */
export function findBreak(client: pg.Client): Error | undefined {
  return BREAKS.get(client);
}

/** No further question is asked: the library would have each wait behind the one that `error` says is not answered. */
export function giveUp(client: pg.Client, error: Error): void {
  if (!BREAKS.has(client)) BREAKS.set(client, error);
}

/** An error that no ReadyForQuery follows is why the server ended the connection. */
function noteBreak(client: pg.Client): void {
  const { connection } = client as pg.Client & { connection: EventEmitter };
  let said: Error | undefined;
  connection.on('errorMessage', (error: pg.DatabaseError) => {
    said = error;
    // Some poolers leave the socket open behind it.
    if (error.severity === 'FATAL' || error.severity === 'PANIC') giveUp(client, error);
  });
  connection.on('readyForQuery', () => {
    said = undefined;
  });
  // Without a listener it would end the process.
  client.on('error', (error) => giveUp(client, said ?? error));
}

function configure(endpoint: Endpoint, isEncrypted: boolean, timeoutUs: number): pg.ClientConfig {
  const timeoutMs = Math.ceil(timeoutUs / 1000);
  // Missing in @types/pg.
  const security = {
    sslnegotiation: endpoint.tls?.negotiation ?? 'postgres',
    enableChannelBinding: endpoint.channelBinding === 'require',
    scramMaxIterations: endpoint.maxScramIterations ?? DEFAULT_MAX_ITERATIONS,
  };
  return {
    ...security,
    // pg takes the directory of a Unix socket for its host.
    host: isUnixSocket(endpoint.address) ? endpoint.host : endpoint.address,
    port: endpoint.port,
    user: endpoint.user,
    database: endpoint.database,
    // A function keeps pg from looking into PGPASSWORD and ~/.pgpass itself.
    password: () => endpoint.password ?? '',
    application_name: endpoint.applicationName,
    // An empty one would be replaced by PGOPTIONS.
    ...(endpoint.options === undefined ? {} : { options: endpoint.options }),
    ssl: isEncrypted ? createTlsOptions(endpoint, createTlsContext(endpoint.tls)) : false,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  };
}
