/**
 * Beginnings of other tools' connection strings, and what to write instead. The first match counts. The strings are
 * never quoted, because they may hold a password.
 */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [
    /^\s*(?:jdbc|r2dbc(?::pool)?):postgres/i,
    'a URL of JDBC: leave out jdbc: and write the user before the host, as in postgres://user@host:5432/database, and the password between the two after a colon, or in PGPASSWORD or ~/.pgpass',
  ],
  [/^\s*(?:jdbc|r2dbc):/i, 'a URL of JDBC for another database: connstorm is for PostgreSQL'],
  [
    /^\s*postgres(?:ql)?\+\w+:\/\//i,
    'a URL of SQLAlchemy: leave out + and the driver after it, as in postgres://user@host:5432/database',
  ],
  [
    /^\s*pgsql:(?!\/\/)/i,
    'a DSN of PDO: leave out pgsql: and write blanks instead of the semicolons',
  ],
  [/^\s*(?:pgsql|pg|psql|ecto):\/\//i, 'a URL of another tool: begin it with postgres://'],
  [
    /^\s*postgres(?:ql)?:\/\//i,
    'a URL with a blank before it, or in capitals: it must begin with postgres://',
  ],
  [/^\s*postgres(?:ql)?:/i, 'a URL without its two slashes: it must begin with postgres://'],
  [
    /^\s*(?:host|server|data source|port|database|user ?id|user ?name|user|uid)\s*=[^;\s']*;\s*\w[\w ]*=/i,
    'a string of ADO.NET: write blanks instead of the semicolons, and name the keywords as libpq does (host, port, dbname, user, password)',
  ],
  [
    /^\s*(?:driver|dsn)\s*=/i,
    'a string of ODBC: leave out the driver, write blanks instead of the semicolons, and name the keywords as libpq does (host, port, dbname, user, password)',
  ],
  [
    /^\s*["'`]/,
    'a value with its quotes: leave them out (a shell takes them off, a file of variables may not)',
  ],
  [/^\s*\$[({]|^\s*\$\w+\s*$/, 'the name of a variable instead of its value'],
  [/^\s*psql\s/, 'a command: give only what follows psql, or host=... port=... user=...'],
  [
    /^\s*(?:\[[\da-f:]+\]|[\w.-]+):\d+(?:\/[\w-]*)?\s*$/i,
    'a host and a port: write postgres:// before it',
  ],
];

/** Describes a string of another tool, and what to write instead; undefined for any other text. */
export function describeForeign(text: string): string | undefined {
  return FOREIGN.find(([shape]) => shape.test(text))?.[1];
}

const SEARCH_PATH =
  'connstorm needs no schema: leave it out, or set it with options=-csearch_path%3D...';
const POOL = 'it is for a connection pool in the client, and connstorm has none: leave it out';

/** Parameters in other tools' URLs (JDBC, Prisma, node-postgres, SQLAlchemy), in lower case: what to do about each. */
const FOREIGN_PARAMETERS: Record<string, string> = {
  applicationname: 'libpq calls it application_name',
  connecttimeout: 'libpq calls it connect_timeout',
  connecttimeoutms: 'libpq has connect_timeout, in seconds',
  logintimeout: 'libpq calls it connect_timeout',
  targetservertype: 'libpq calls it target_session_attrs',
  loadbalancehosts: 'libpq calls it load_balance_hosts',
  channelbinding: 'libpq calls it channel_binding',
  sslfactory: 'libpq has sslmode and sslrootcert',
  sslaccept: 'libpq has sslmode: accept_invalid_certs is require, strict is verify-full',
  tcpkeepalive: 'libpq calls it keepalives',
  schema: SEARCH_PATH,
  currentschema: SEARCH_PATH,
  search_path: SEARCH_PATH,
  statement_timeout: 'set it with options=-cstatement_timeout%3D...',
  connection_limit: POOL,
  pool_timeout: POOL,
  pool_size: POOL,
  pgbouncer: 'connstorm finds out whether there is a pooler: leave it out',
  sockettimeout: 'connection.timeout limits every attempt and every query: leave it out',
  socket_timeout: 'connection.timeout limits every attempt and every query: leave it out',
};

/** Returns what to do about such a parameter; undefined for any other. */
export function describeForeignParameter(name: string): string | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(FOREIGN_PARAMETERS, key) ? FOREIGN_PARAMETERS[key] : undefined;
}
