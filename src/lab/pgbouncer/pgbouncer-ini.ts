import type { PoolMode } from '../../scenario/schema/pool-mode.ts';
import { checkOneLine, checkSettings, type Settings } from '../check-settings.ts';
import type { AuthMethod } from '../postgres/storm-role.ts';

/** What a scenario may say of the lab's PgBouncer. */
export interface PoolerOptions {
  /** Default transaction. */
  poolMode?: PoolMode;
  /** Connections that each process keeps to the server. Default 20. */
  poolSize?: number;
  /** Clients of each process. Default 10,000, or what open descriptors allow. */
  maxClientConn?: number;
  /** Connects that may wait to be accepted by each process; the kernel may lower it. Default 4096. */
  listenBacklog?: number;
  /** That share the port (so_reuseport). Default 1. */
  processes?: number;
  /** Lines of the section [pgbouncer] by name; outrank the fields above. */
  settings?: Settings;
}

export interface PoolerPlace {
  /** Of 127.0.0.1, where clients come in. */
  port: number;
  /** How clients log in to the server, and so to PgBouncer. */
  auth: AuthMethod;
  /** A role that clients log in as; it may read the console, too. */
  user: string;
  /** The path of the user list. */
  userList: string;
  /** Of open descriptors, for each process; null: not known. */
  descriptorLimit: number | null;
}

/** PgBouncer's names of the methods: `plain` is a password in cleartext. */
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
 * Connections to the server that pools of all processes keep at most.
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
 * The lines of the section [pgbouncer]: the lab's defaults, what `options` say, then what must not be changed.
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
    // What pg and libpq's tools send at login, and what asks for the server's own times; it refuses what it does not know.
    ignore_startup_parameters: 'extra_float_digits,options',
    // Its 15 s of refusing everybody after one refusal by the server would outlast most runs.
    server_login_retry: 1,
    stats_users: place.user,
    ...checkSettings(options.settings ?? {}, FILE),
    listen_addr: '127.0.0.1',
    listen_port: place.port,
    unix_socket_dir: '',
    auth_type: AUTH_TYPES[place.auth],
    auth_file: place.userList,
    so_reuseport: (options.processes ?? 1) > 1,
  };
}

const MOST_CLIENTS = 10_000;
/** Of PgBouncer itself: its log, sockets it listens on, event queues. */
const OWN_DESCRIPTORS = 64;

/** Out of descriptors it would leave clients waiting; at its limit of clients it tells them. */
function chooseMaxClients(descriptorLimit: number | null, poolSize: number): number {
  const left = (descriptorLimit ?? Number.POSITIVE_INFINITY) - OWN_DESCRIPTORS - poolSize;
  return Math.max(1, Math.min(MOST_CLIENTS, left));
}

/**
 * The text of pgbouncer.ini: values go to the end of their line, without quotes. No user in the database's line: the client's
 * login is what logs in to the server. https://www.pgbouncer.org/config.html
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

/** Throws UsageError: what begins a line of its own would be a setting, or an `%include`. */
function renderValue(name: string, value: Settings[string]): string {
  const text = typeof value === 'boolean' ? String(Number(value)) : String(value);
  return checkOneLine(name, text);
}

/** Quotes are doubled. */
export function renderUserList(user: string, secret: string): string {
  return `${[user, secret].map((text) => `"${text.replaceAll('"', '""')}"`).join(' ')}\n`;
}
