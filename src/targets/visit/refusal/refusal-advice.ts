import type { LoginResult } from '../../../drivers/try-login.ts';
import type { Failure } from '../../../model/measures.ts';
import { adviseOnSlots, isSlotRefusal } from '../../../model/slot-refusals.ts';
import { nameSslMode } from '../../naming/settings/name-sslmode.ts';
import type { Target } from '../../target.ts';

export const PASSWORD_SOURCES = 'the password in the connection string, PGPASSWORD or ~/.pgpass';

/** Returns advice for a refused login. The server's answer is the same for a wrong password and for an unknown role. */
function adviseOnLogin({ user }: Target): string {
  return `check ${PASSWORD_SOURCES}, and whether there is a role "${user}": the server gives the same answer for both`;
}

const DATABASE_ADVICE = 'name an existing database in the connection string or PGDATABASE';
const ROLE_ADVICE = 'name an existing role in the connection string or PGUSER';
const OPTIONS_ADVICE = 'check options of the target, or PGOPTIONS';

export type RefusedLogin = Extract<LoginResult, { ok: false }>;

type Advice = string | ((target: Target, password: RefusedLogin['password']) => string);

/** Advice after a server's refusal, by SQLSTATE or by connstorm's own code. */
const SERVER_ADVICE: Record<string, Advice> = {
  '28P01': adviseOnPassword,
  SCRAM_REFUSED: adviseOnLogin,
  '28000':
    "check the role, and what the server's pg_hba.conf has for this machine, database and sslmode",
  '3D000': DATABASE_ADVICE,
  '57P03': 'wait until the server is up',
};

/**
 * Advice by the message; the first match is used. One SQLSTATE has many reasons, and the advice for one reason does not
 * help against another. Poolers refuse a wrong password with XX000 (pgpool-II) or 08P01 (PgBouncer), and a server that
 * ends SCRAM by itself names a reason of RFC 5802. PostgreSQL's texts are in src/backend/libpq/auth.c,
 * src/backend/utils/init and guc.c, PgBouncer's in src/client.c and src/server.c.
 */
const WORDED_ADVICE: readonly (readonly [RegExp, Advice])[] = [
  [
    /(?:server login has been (?:failing|failed)|server_login_retry).*authentication failed|authentication failed.*server_login_retry/i,
    'the pooler cannot log in to its own server: see its log, and check the role and password that it has for it',
  ],
  [
    /server login has been (?:failing|failed)|server_login_retry|cannot connect to server|connect failed|server conn crashed|query_wait_timeout/i,
    'the pooler cannot reach or log in to its own server: see its log, check that the server is up, and the role and password that the pooler has for it',
  ],
  [/valid client certificate/i, adviseOnOwnCertificate],
  [/SSL (?:connection )?(?:is )?required/i, (target) => `use ${nameSslMode(target, 'require')}`],
  [
    /certificate authentication failed/i,
    "the name in the certificate of sslcert is not the role's: name that role, or map the two in the server's pg_ident.conf",
  ],
  [
    /(?:peer|ident) authentication failed/i,
    "the server asks the system for the account's name: connect as the role of that name, or have pg_hba.conf ask for scram-sha-256",
  ],
  [
    /(?:GSSAPI|SSPI) authentication failed/i,
    'connstorm does not support GSS or Kerberos: have pg_hba.conf ask this role for scram-sha-256',
  ],
  [/channel.binding/i, 'use channel_binding=disable'],
  [/SCRAM with (?:unknown-user|invalid-username-encoding)/, ROLE_ADVICE],
  [/SCRAM with no-resources/, 'wait until the server has resources for a login, or see its log'],
  [
    /no such user|"trust" authentication failed/i,
    'name a role that the pooler knows (its auth_file or auth_query), in the connection string or PGUSER',
  ],
  [/authentication failed|password does not match/i, adviseOnPassword],
  [/role ".*" does not exist/i, ROLE_ADVICE],
  [/not permitted to log in/i, 'name a role that may log in, or give it LOGIN (ALTER ROLE)'],
  [/no such database/i, `${DATABASE_ADVICE}, one that the pooler's [databases] lists`],
  [
    /not currently accepting connections/i,
    'name another database, or allow connections to it (ALTER DATABASE)',
  ],
  [/permission denied for database/i, 'grant the role CONNECT on it, or name another database'],
  [
    /unrecognized configuration parameter|permission denied to set parameter|parameter ".*" (?:cannot be (?:changed|set)|requires)|command-line argument/i,
    OPTIONS_ADVICE,
  ],
  [
    /^invalid value for parameter/,
    'check client_encoding and options of the target, or PGCLIENTENCODING and PGOPTIONS',
  ],
];

/** Returns advice after a login that the server or a pooler refused with an error message. */
export function adviseOnRefusal(
  target: Target,
  failure: Failure,
  password: RefusedLogin['password'],
): string {
  const { code, message } = failure;
  const known = WORDED_ADVICE.find(([words]) => words.test(message))?.[1] ?? SERVER_ADVICE[code];
  return (
    adviseOnParameter(message) ??
    adviseOnBinding(message) ??
    adviseOnRoom(failure) ??
    (typeof known === 'function' ? known(target, password) : known) ??
    'see the log of the server or pooler'
  );
}

/**
 * Returns advice for a password error. If the pooler asked for no password, or accepted this one, the error is about
 * the pooler's own login to its server.
 */
function adviseOnPassword(target: Target, password: RefusedLogin['password']): string {
  if (password === undefined) return adviseOnLogin(target);
  const why =
    password === 'right' ? 'the pooler accepted the password' : 'the pooler asked for no password';
  return `${why}, so it is the login of a pooler to its own server that failed: check the role and password that it has for it`;
}

/** Returns advice for a server whose pg_hba.conf asks for a client certificate (clientcert or cert). */
function adviseOnOwnCertificate({ tls }: Target): string {
  return tls?.certificate === undefined
    ? 'give one with sslcert and sslkey'
    : 'sslcert was not accepted: give a certificate of a CA in the ssl_ca_file of the server, with sslcert and sslkey';
}

function adviseOnRoom(failure: Failure): string | undefined {
  if (!isSlotRefusal(failure)) return undefined;
  return `wait for free connection slots or ${adviseOnSlots(failure.message)}`;
}

const BINDING_BROKEN =
  /SCRAM channel binding (?:check failed|negotiation error)|channel-bindings-dont-match|server-does-support-channel-binding/;

/**
 * Returns advice if channel binding failed; undefined for other messages. SCRAM is bound to the certificate that
 * connstorm saw. If the server has another one, something in between ends TLS. PostgreSQL reports that in two ways
 * (src/backend/libpq/auth-scram.c): one if the thing in between passes SCRAM-SHA-256-PLUS on, and one if it leaves it
 * out. RFC 5802 has a value of e= for each.
 */
function adviseOnBinding(message: string): string | undefined {
  if (!BINDING_BROKEN.test(message)) return undefined;
  return 'a pooler or a proxy between this machine and the server ends TLS: name the server itself, or use channel_binding=disable if you trust what is in between';
}

/**
 * Returns advice for a startup parameter that a pooler refuses; undefined for other messages. PgBouncer names the first
 * parameter that it cannot track.
 */
function adviseOnParameter(message: string): string | undefined {
  const parameter = /unsupported startup parameter: (\w+)/.exec(message)?.[1];
  if (parameter === undefined) return undefined;
  return `leave ${parameter} out of the target, or list it in the pooler's ignore_startup_parameters`;
}
