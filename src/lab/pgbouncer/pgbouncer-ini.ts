import type { PoolMode } from '../../scenario/schema/pool-mode.ts';
import { checkOneLine, checkSettings, type Settings } from '../check-settings.ts';
import type { AuthMethod } from '../postgres/storm-role.ts';

/** The options that a scenario has for the lab's PgBouncer. */
export interface PoolerOptions {
  /** Default: transaction. */
  poolMode?: PoolMode;
  /** Connections that each process keeps to the server. Default: 20. */
  poolSize?: number;
  /** Most clients of each process. Default: 10,000, or fewer if open descriptors limit it. */
  maxClientConn?: number;
  /** Connects that may wait for each process to accept them. The kernel may lower it. Default: 4096. */
  listenBacklog?: number;
  /** Number of processes, which share the port (so_reuseport). Default: 1. */
  processes?: number;
  /** Lines of the section [pgbouncer] by name. They outrank the fields above. */
  settings?: Settings;
}

export interface PoolerPlace {
  /** The port of 127.0.0.1 that clients connect to. */
  port: number;
  /** Method by which clients log in to the server, and so to PgBouncer. */
  auth: AuthMethod;
  /** The database user that clients log in as. It may read the console too. */
  user: string;
  /** Path of the user list. */
  userList: string;
  /** Most open descriptors of each process; null: not known. */
  descriptorLimit: number | null;
  /** Its certificate, if clients and the server use TLS; absent: they do not. */
  tls?: { certPath: string; keyPath: string };
}

/** PgBouncer's names of the methods. `plain` is a cleartext password. */
const AUTH_TYPES = {
  'scram-sha-256': 'scram-sha-256',
  md5: 'md5',
  password: 'plain',
  trust: 'trust',
} satisfies Record<AuthMethod, string>;

const FILE = {
  file: 'pgbouncer.ini',
  example: 'server_lifetime',
  own: new Set([
    'auth_file',
    'auth_type',
    'listen_addr',
    'listen_port',
    'logfile',
    'pidfile',
    'so_reuseport',
    'syslog',
    'unix_socket_dir',
    'user',
  ]),
};

/**
 * Returns how many connections to the server all processes' pools keep at most.
 *
 * @throws UsageError for settings that checkSettings refuses
 */
export function countServerConnections({
  poolSize = DEFAULT_POOL_SIZE,
  processes = 1,
  settings = {},
}: PoolerOptions = {}): number {
  const { default_pool_size: size = poolSize } = checkSettings(settings, FILE);
  return Number(size) * processes;
}

const DEFAULT_POOL_SIZE = 20;

/**
 * Returns the lines of the section [pgbouncer]. The lab's defaults come first, then `options`, then what must not
 * change.
 *
 * @throws UsageError for settings that checkSettings refuses
 */
export function planPgBouncer(options: PoolerOptions, place: PoolerPlace): Settings {
  const { poolMode = 'transaction', poolSize = DEFAULT_POOL_SIZE, listenBacklog = 4096 } = options;
  const { maxClientConn = chooseMaxClients(place.descriptorLimit, poolSize) } = options;
  return {
    pool_mode: poolMode,
    default_pool_size: poolSize,
    max_client_conn: maxClientConn,
    listen_backlog: listenBacklog,
    // pg and libpq's tools send these at login, and so does a request for the server's own times. PgBouncer refuses
    // parameters that it does not know.
    ignore_startup_parameters: 'extra_float_digits,options',
    // By default it refuses all clients for 15 s after one refusal by the server, longer than most runs last.
    server_login_retry: 1,
    stats_users: place.user,
    ...describeTls(place.tls),
    ...checkSettings(options.settings ?? {}, FILE),
    listen_addr: '127.0.0.1',
    listen_port: place.port,
    unix_socket_dir: '',
    auth_type: AUTH_TYPES[place.auth],
    auth_file: place.userList,
    so_reuseport: (options.processes ?? 1) > 1,
  };
}

/** Clients may still come without TLS, as at the server. */
function describeTls(tls: PoolerPlace['tls']): Settings {
  if (tls === undefined) return {};
  return {
    client_tls_sslmode: 'allow',
    client_tls_cert_file: tls.certPath,
    client_tls_key_file: tls.keyPath,
    server_tls_sslmode: 'require',
  };
}

const MOST_CLIENTS = 10_000;
/** For PgBouncer itself: its log, the sockets that it listens on, event queues. */
const OWN_DESCRIPTORS = 64;

/**
 * Returns a number of clients that descriptors suffice for. At this limit PgBouncer tells clients so; without
 * descriptors it leaves them waiting.
 */
function chooseMaxClients(descriptorLimit: number | null, poolSize: number): number {
  const left = (descriptorLimit ?? Number.POSITIVE_INFINITY) - OWN_DESCRIPTORS - poolSize;
  return Math.max(1, Math.min(MOST_CLIENTS, left));
}

/**
 * Returns the text of pgbouncer.ini. Values reach to the end of their line, without quotes. The database's line names
 * no user, so that PgBouncer logs in to the server as the client does. https://www.pgbouncer.org/config.html
 */
export function renderPgBouncerIni(
  settings: Settings,
  serverHost: string,
  serverPort: string,
): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = ${renderValue(name, value)}`,
  );
  const databases = ['[databases]', `* = host=${serverHost} port=${serverPort}`];
  return [...databases, '[pgbouncer]', ...lines, ''].join('\n');
}

/**
 * Returns a value as text. Throws UsageError for control characters: what follows a line break would be a setting of
 * its own, or an `%include`.
 */
function renderValue(name: string, value: Settings[string]): string {
  const text = typeof value === 'boolean' ? String(Number(value)) : String(value);
  return checkOneLine(name, text);
}

/** Returns the text of the user list, with quotes doubled. */
export function renderUserList(user: string, secret: string): string {
  return `${[user, secret].map((text) => `"${text.replaceAll('"', '""')}"`).join(' ')}\n`;
}
