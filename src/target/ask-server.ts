import type { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { maySendCleartext } from '../drivers/auth-requirement.ts';
import { isUnixSocket } from '../drivers/driver.ts';
import { createTlsContext, createTlsOptions } from '../drivers/tls.ts';
import type { Target } from './target.ts';

/** What a login showed and another connection to the same server needs: e.g. `TLSv1.3 ...`; null without TLS. */
export interface KnownLogin {
  tls: string | null;
}

const END_TIMEOUT_MS = 1000;

/** What `ask` resolves with, over one connection of the pg library; undefined where that or `ask` fails. */
export async function askServer<T>(
  target: Target,
  login: KnownLogin,
  timeoutUs: number,
  ask: (client: pg.Client) => Promise<T>,
): Promise<T | undefined> {
  const socket = new Socket();
  const client = new pg.Client({ ...configure(target, login, timeoutUs), stream: () => socket });
  if (!maySendCleartext(login.tls !== null, target.requireAuth)) {
    // The pg library would answer a server that asks for a cleartext password now, and has not before.
    const { connection } = client as pg.Client & { connection: EventEmitter };
    connection.on('authenticationCleartextPassword', () => socket.destroy());
  }
  // A connection that breaks makes the queries fail; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await ask(client);
  } catch {
    return undefined;
  } finally {
    // Some poolers keep the socket open after Terminate or FATAL: nobody waits for them.
    await Promise.race([client.end().catch(() => {}), delay(END_TIMEOUT_MS, null, { ref: false })]);
    socket.destroy();
  }
}

/** No rows where the query fails: the target is inspected as far as it goes. */
export async function query<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
): Promise<Row[]> {
  try {
    return (await client.query<Row>(text)).rows;
  } catch {
    return [];
  }
}

function configure(target: Target, login: KnownLogin, timeoutUs: number): pg.ClientConfig {
  const timeoutMs = Math.ceil(timeoutUs / 1000);
  // Missing in @types/pg.
  const security = {
    sslnegotiation: target.tls?.negotiation ?? 'postgres',
    enableChannelBinding: target.channelBinding === 'require',
  };
  return {
    ...security,
    // pg takes the directory of a Unix socket for its host.
    host: isUnixSocket(target.address) ? target.host : target.address,
    port: target.port,
    user: target.user,
    database: target.database,
    // A function keeps pg from looking into PGPASSWORD and ~/.pgpass itself.
    password: () => target.password ?? '',
    application_name: target.applicationName,
    // An empty one would be replaced by PGOPTIONS.
    ...(target.options === undefined ? {} : { options: target.options }),
    ssl: login.tls === null ? false : createTlsOptions(target, createTlsContext(target.tls)),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  };
}
