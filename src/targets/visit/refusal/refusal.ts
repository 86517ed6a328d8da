import type { X509Certificate } from 'node:crypto';
import { isUnixSocket } from '../../../drivers/endpoint.ts';
import { isEndUnheard } from '../../../drivers/failure.ts';
import { formatSpan } from '../../../duration-text.ts';
import { UnreachableError } from '../../../errors.ts';
import { describeFailure } from '../../../failure-text.ts';
import type { Failure } from '../../../model/measures.ts';
import { nameSslMode } from '../../naming/settings/name-sslmode.ts';
import type { Target } from '../../target.ts';
import { describeServer } from '../describe.ts';
import { adviseOnRefusal, PASSWORD_SOURCES, type RefusedLogin } from './refusal-advice.ts';
import { DIRECT_NEEDS, describeTlsRefusal } from './tls-refusal.ts';

const LOCAL_ADVICE = "check this machine's limits";

/** Texts for failures other than the server's own refusal. The server's name stands before each. */
const PROBLEMS: Record<string, (failure: Failure, target: Target) => string> = {
  ECONNREFUSED: () =>
    'refused the connection (ECONNREFUSED): check host and port, and that Postgres listens there',
  ENOENT: () =>
    'is not there (ENOENT): check directory and port, and unix_socket_directories of the server',
  EAGAIN: () => 'has a full accept queue (EAGAIN): the server is stopped or overloaded',
  EACCES: (failure, { address }) =>
    isUnixSocket(address)
      ? 'may not be used by this account (EACCES): check the rights of the directory, and unix_socket_permissions of the server'
      : `could not be logged in to (EACCES ${failure.message}): ${LOCAL_ADVICE}`,
  EMFILE: () => 'could not be logged in to (EMFILE, too many open files): raise ulimit -n',
  CLOSED: ({ phase }) =>
    `closed the connection during the login, in ${phase}, and did not say why: see the log of the server or pooler`,
  NOT_POSTGRES: (failure) =>
    `does not speak the PostgreSQL protocol (${failure.message}): check the port`,
  NO_TLS: (_, target) => {
    const asked = nameSslMode(target, target.tls?.askedSslmode ?? target.sslmode);
    return `does not offer TLS, and ${asked} needs it: switch TLS on or use ${nameSslMode(target, 'prefer')}`;
  },
  NO_ALPN: () =>
    'speaks TLS but did not agree to speak PostgreSQL: sslnegotiation=direct needs PostgreSQL 17 or later',
  NO_PASSWORD: (_, { user, passwordTrouble }) => {
    const why = passwordTrouble === undefined ? '' : ` (${passwordTrouble})`;
    return `asks for a password for role "${user}" and none was given${why}: set ${PASSWORD_SOURCES}`;
  },
  CLEARTEXT_PASSWORD: () =>
    'asks for a cleartext password without TLS: use TLS or SCRAM, or allow it by name with require_auth=password',
  UNSUPPORTED_AUTH: ({ message }) =>
    `cannot be logged in to: ${message}: have pg_hba.conf ask this role for scram-sha-256`,
  SCRAM_ITERATIONS: ({ message }) =>
    `cannot be logged in to: ${message}: if the server should ask for so many, allow it in the scenario or with --set connection.maxScramIterations=${/\d+/.exec(message)?.[0]} (inspect: --max-scram-iterations). Each iteration costs CPU at every login`,
  AUTH_NOT_ALLOWED: ({ message }) => `cannot be logged in to: ${message}`,
  NO_CHANNEL_BINDING: ({ message }) => `cannot be logged in to: ${message}`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ message }, target) =>
    `has a certificate for another name (ERR_TLS_CERT_ALTNAME_INVALID ${message}): connect by a name that is in it, or use ${nameSslMode(target, 'verify-ca')}`,
};

/** SQLSTATE cannot_connect_now: the server starts, stops or recovers. */
const CANNOT_CONNECT_NOW = '57P03';

/**
 * Returns the error that ends a run whose first login failed: one line with advice. `timeoutUs`: the time that the
 * login had. `chain`: the certificates that the server sends, if they were read.
 */
export function describeRefusal(
  target: Target,
  { failure, password }: Pick<RefusedLogin, 'failure' | 'password'>,
  timeoutUs: number,
  chain?: readonly X509Certificate[],
): UnreachableError {
  const problem =
    describeTimeout(failure, timeoutUs) ??
    describeBrokenHello(target, failure) ??
    describeUnheard(failure) ??
    PROBLEMS[failure.code]?.(failure, target) ??
    describeByLayer(target, failure, { chain, password });
  return new UnreachableError(nameRefusal(failure), `${describeServer(target)} ${problem}`);
}

/** Returns the error for a login that was accepted and whose first question got no answer. `why`: the reason. */
export function describeUnanswered(target: Target, why: string): UnreachableError {
  const problem = `logged role "${target.user}" in, but the first query failed (${why})`;
  return new UnreachableError(
    'SERVER_UNANSWERED',
    `${describeServer(target)} ${problem}. If a pooler is there, the server behind it did not answer: see the pooler's log, and check that its server is up and accepts the pooler's login`,
  );
}

/** Below this a healthy server may be too slow. */
const SHORT_TIMEOUT_US = 1_000_000;

/**
 * Describes a timeout. The phase that the login reached shows what the other side can be. The other side may have sent
 * something: half a message is no answer either.
 */
function describeTimeout({ code, phase }: Failure, timeoutUs: number): string | undefined {
  if (code !== 'TIMEOUT') return undefined;
  const limit = `within ${formatSpan(timeoutUs)}`;
  const orLonger =
    timeoutUs < SHORT_TIMEOUT_US ? ', or allow it more time (connection.timeout)' : '';
  if (phase === 'tcp') {
    return `gave no answer ${limit}: check host, port and firewalls${orLonger}`;
  }
  const what =
    phase === 'spawn' ? 'is stopped, overloaded or not Postgres' : 'is stopped or overloaded';
  const reached = `accepted the connection, and the login got no further than ${phase} ${limit}`;
  const behind = phase === 'spawn' ? '' : '. If it is a pooler, check the server behind it, too';
  return `${reached}: check whether it ${what}${orLonger}${behind}`;
}

function nameRefusal({ layer, code }: Failure): string {
  if (layer !== 'server') return 'TARGET_UNREACHABLE';
  return code === CANNOT_CONNECT_NOW ? 'TARGET_NOT_READY' : 'LOGIN_REFUSED';
}

/** Describes a server without direct TLS. It takes the TLS hello for a broken packet and closes the connection. */
function describeBrokenHello({ tls }: Target, failure: Failure): string | undefined {
  const { layer, phase, code } = failure;
  if (tls?.negotiation !== 'direct' || layer !== 'network' || phase !== 'spawn') return undefined;
  return `ended the connection when the TLS handshake began (${code}): ${DIRECT_NEEDS}`;
}

/**
 * Describes a connection that was accepted and closed without an answer. Something listens there: a closed port would
 * have refused the connection.
 */
function describeUnheard(failure: Failure): string | undefined {
  if (!isEndUnheard(failure)) return undefined;
  const name = failure.code === 'CLOSED' ? '' : ` (${failure.code})`;
  return `accepted the connection and closed it without an answer${name}: check that Postgres listens there. Otherwise a proxy or load balancer may be full or have no server (HAProxy reports neither), or the server is shutting down`;
}

function describeByLayer(
  target: Target,
  failure: Failure,
  {
    chain,
    password,
  }: { chain: readonly X509Certificate[] | undefined; password: RefusedLogin['password'] },
): string {
  const { layer, phase, code, message } = failure;
  if (layer === 'server') {
    const advice = adviseOnRefusal(target, failure, password);
    return `refused the login of role "${target.user}" (${describeFailure({ code, message })}): ${advice}`;
  }
  if (layer === 'protocol' && phase === 'tls') return describeTlsRefusal(target, failure, chain);
  const advice = layer === 'local' ? LOCAL_ADVICE : 'check host, port and network';
  return `could not be logged in to (${describeFailure({ code, message })}): ${advice}`;
}
