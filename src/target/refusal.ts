import { UnreachableError } from '../errors.ts';
import type { Failure } from '../result/records.ts';
import { describeServer } from './describe.ts';
import type { Target } from './target.ts';

const PASSWORD_SOURCES = 'the password in the URL, PGPASSWORD or ~/.pgpass';

/** How to go on after a server's refusal, by SQLSTATE. */
const SERVER_ADVICE: Record<string, string> = {
  '28P01': `check ${PASSWORD_SOURCES}`,
  '28000': "check the role, and the server's pg_hba.conf for this machine, database and sslmode",
  '3D000': 'name an existing database in the URL or PGDATABASE',
  '53300': 'wait for free connection slots or raise max_connections',
  '57P03': 'wait until the server is up',
};

/** How a failure other than the server's own refusal is told; the server's name comes before it. */
const PROBLEMS: Record<string, (failure: Failure, target: Target) => string> = {
  ECONNREFUSED: () =>
    'refused the connection (ECONNREFUSED): check host and port, and that Postgres listens there',
  TIMEOUT: (failure) => `gave ${failure.message}: ${adviseOnTimeout(failure)}`,
  CLOSED: () =>
    'closed the connection during the login without a word: check that Postgres listens there, not something else',
  NOT_POSTGRES: (failure) =>
    `does not speak the PostgreSQL protocol (${failure.message}): check the port`,
  NO_TLS: () =>
    'does not offer TLS, and sslmode=require asks for it: switch TLS on or use sslmode=prefer',
  NO_PASSWORD: (_, target) =>
    `asks for a password for role "${target.user}" and none was given: set ${PASSWORD_SOURCES}`,
};

/** The error that ends a run whose first login failed: one line with what to do about it. */
export function describeRefusal(target: Target, failure: Failure): UnreachableError {
  const told = PROBLEMS[failure.code]?.(failure, target) ?? describeByLayer(target, failure);
  const code = failure.layer === 'server' ? 'LOGIN_REFUSED' : 'TARGET_UNREACHABLE';
  return new UnreachableError(code, `${describeServer(target)} ${told}`);
}

function describeByLayer(target: Target, failure: Failure): string {
  const { layer, code, message } = failure;
  if (layer === 'server') {
    const advice = SERVER_ADVICE[code] ?? "see the server's or pooler's log";
    return `refused the login of role "${target.user}" (${code} ${message}): ${advice}`;
  }
  const advice = layer === 'local' ? "check this machine's limits" : 'check host, port and network';
  return `could not be logged in to (${code} ${message}): ${advice}`;
}

function adviseOnTimeout({ phase }: Failure): string {
  return phase === 'tcp'
    ? 'check host, port and firewalls'
    : `it accepted the connection and then kept silent (${phase}), so it is stopped, swamped or not Postgres`;
}
