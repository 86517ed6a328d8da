import { formatSpan } from '../duration-text.ts';
import type { Failure, FailurePhase } from '../model/measures.ts';
import { MAX_MESSAGE_CHARACTERS } from '../model/normalise.ts';
import type { SslMode } from '../scenario/plan/plan.ts';
import type { FrameProblem } from './protocol/frames.ts';
import { readField, readSeverity, type Severity } from './protocol/message-fields.ts';
import type { LinkProblem } from './transport/link.ts';

/** Failures: what stopped an attempt, by layer. Every function here returns data, and none throws. */

/** OpenSSL's codes have up to about 45 characters, for example ERR_SSL_TLSV1_ALERT_CERTIFICATE_UNOBTAINABLE. */
const MAX_CODE_CHARACTERS = 64;
/** Names of errnos that report limits of this machine, not trouble with the server or the way to it. */
const LOCAL_ERRNOS = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EACCES',
  'EPERM',
]);

const QUEUE_FULL = "the server's accept queue is full";

/** Returns the failure with code and message cut to their limits. A server may send texts of any length. */
export function boundFailure(failure: Failure): Failure {
  const { code, message } = failure;
  if (code.length <= MAX_CODE_CHARACTERS && message.length <= MAX_MESSAGE_CHARACTERS)
    return failure;
  const short = {
    code: cut(code, MAX_CODE_CHARACTERS),
    message: cut(message, MAX_MESSAGE_CHARACTERS),
  };
  return { ...failure, ...short };
}

/** Reads a failure from an ErrorResponse's payload `buffer[start, end)`. Without a SQLSTATE, the code is XX000. */
export function readServerError(
  buffer: Buffer,
  start: number,
  end: number,
  phase: FailurePhase,
): Failure {
  const code = readField(buffer, start, end, 'C');
  const message = readField(buffer, start, end, 'M', 'utf8');
  return describeServerError(code, message, phase, readSeverity(buffer, start, end));
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Describes an error that the server sent. If `code` is no SQLSTATE, XX000 replaces it. */
export function describeServerError(
  code: string,
  message: string,
  phase: FailurePhase,
  severity?: Severity,
): Failure {
  const graded = severity === undefined ? {} : { severity };
  return { layer: 'server', phase, code: toSqlState(code, 'XX000'), message, ...graded };
}

/** Returns `code` if it is a SQLSTATE, else `otherwise`. */
export function toSqlState(code: string, otherwise: string): string {
  return SQLSTATE.test(code) ? code : otherwise;
}

/** Operator intervention: 57P01 to 57P05. */
const INTERVENTION = /^57P/;

/**
 * Returns whether the connection is gone; false if a query got an error or no answer in time. The severity decides, not
 * the SQLSTATE's class: idle_session_timeout's 57P05 and idle_in_transaction_session_timeout's 25P03 are both FATAL.
 */
export function isConnectionGone({ layer, code, severity }: Failure): boolean {
  if (layer === 'network') return true;
  if (layer !== 'server') return false;
  return severity === undefined ? INTERVENTION.test(code) : severity !== 'ERROR';
}

/**
 * Returns whether the server announces with a notice that it breaks off the connection. A backend sends such a WARNING
 * when another backend crashed (57P02) or the server stops at once (57P01); no FATAL follows.
 */
export function announcesEnd(code: string, severity: Severity | undefined): boolean {
  return severity === 'WARNING' && INTERVENTION.test(code);
}

/**
 * Describes what broke a socket, plain or TLS. If the server's accept queue is full, a Unix socket refuses a connect
 * with EAGAIN, where TCP would leave it unanswered. That counts as `network` too, because the server has sent nothing.
 */
export function describeSocketError(problem: LinkProblem, phase: FailurePhase): Failure {
  const { code, syscall, reason } = problem;
  const name = code ?? 'ERROR';
  if (LOCAL_ERRNOS.has(name)) return { layer: 'local', phase, code: name, message: say() };
  if (isTlsCode(name)) {
    // A server that refuses our certificate says so only after TLS 1.3's handshake is done on our side.
    const blamed = phase === 'spawn' || phase === 'auth' ? 'tls' : phase;
    return { layer: 'protocol', phase: blamed, code: name, message: say() };
  }
  return { layer: 'network', phase, code: name, message: say() };

  function say(): string {
    // OpenSSL's message begins with a varying id, so take its `reason`. Node's may end with an empty list of names.
    if (reason !== undefined) return `TLS: ${reason.replace(/[:\s]+$/, '')}`;
    if (syscall === undefined) return problem.message;
    const isFull = name === 'EAGAIN' && syscall === 'connect';
    return isFull ? `${syscall} ${name}: ${QUEUE_FULL}` : `${syscall} ${name}`;
  }
}

/**
 * Returns whether a code is one of TLS: ERR_SSL_..., ERR_TLS_..., EPROTO, or a verdict of OpenSSL such as
 * CERT_HAS_EXPIRED. Verdicts contain underscores, and errnos do not.
 */
function isTlsCode(name: string): boolean {
  return /^ERR_(?:SSL|TLS)_|^EPROTO$/.test(name) || /^(?!ERR_).*_/.test(name);
}

/** Describes bytes that are no message of the protocol. */
export function describeFrameProblem(problem: FrameProblem, phase: FailurePhase): Failure {
  if (problem.kind === 'legacy-error') {
    return { layer: 'server', phase, code: 'V2_ERROR', message: problem.text.trim() };
  }
  return notPostgres(
    phase,
    `a message of type ${quoteByte(problem.type)} and ${problem.length} bytes`,
  );
}

/** Describes a server that does not speak Postgres, or sent `got` at the wrong point. */
export function notPostgres(phase: FailurePhase, got: string): Failure {
  return {
    layer: 'protocol',
    phase,
    code: 'NOT_POSTGRES',
    message: `not Postgres: got ${got}`,
  };
}

/**
 * Describes ReadyForQuery before the login: the server neither showed who it is nor asked for what require_auth wants.
 */
export function readyBeforeLogin(phase: FailurePhase): Failure {
  return notPostgres(phase, 'ReadyForQuery before the login');
}

/** Describes a server that broke the rules of its own protocol. */
export function protocolBroken(code: string, message: string, phase: FailurePhase): Failure {
  return { layer: 'protocol', phase, code, message };
}

/** Returns `lastWord` with the phase of `failure`, if there is one and `failure` is of the network; else `failure`. */
export function explainEnd(failure: Failure, lastWord: Failure | undefined): Failure {
  if (lastWord === undefined || failure.layer !== 'network') return failure;
  return { ...lastWord, phase: failure.phase };
}

/** Describes a server that ended the stream without an error message. */
export function closedByServer(phase: FailurePhase): Failure {
  return { layer: 'network', phase, code: 'CLOSED', message: 'the server closed the connection' };
}

/** The end of the message about a connection that was accepted and then ended before a byte came. */
const UNHEARD = ' (it accepted the connection and sent nothing)';

/**
 * Adds UNHEARD to the message of a network failure: the connection was accepted, and no byte came. It may be a proxy
 * without a server, a proxy at its limit, or a server that shuts down with connections in its accept queue. What
 * listens there is unknown, but the port is not closed.
 */
export function endUnheard(failure: Failure): Failure {
  if (failure.layer !== 'network') return failure;
  return { ...failure, message: `${failure.message}${UNHEARD}` };
}

/** Returns whether a connection was accepted and then broken off before a byte came. */
export function isEndUnheard({ layer, message }: Pick<Failure, 'layer' | 'message'>): boolean {
  return layer === 'network' && message.endsWith(UNHEARD);
}

export function timedOut(phase: FailurePhase, timeoutUs: number): Failure {
  const message = `no answer within ${formatSpan(timeoutUs)}`;
  return { layer: 'timeout', phase, code: 'TIMEOUT', message };
}

/** Describes a server without TLS under sslmode=require or a stronger one. */
export function noTls(sslmode: SslMode): Failure {
  const message = `the server does not offer TLS, and sslmode=${sslmode} needs it`;
  return { layer: 'server', phase: 'tls', code: 'NO_TLS', message };
}

/** Share of the attempt's time. A shorter wait for SCRAM keys is not what made the attempt late. */
const OWN_SHARE = 0.1;

/** Returns whether the wait for SCRAM keys, `waitedUs` so far, held up an attempt whose `limitUs` are over. */
export function isHeldUpByKeys(waitedUs: number, limitUs: number): boolean {
  return waitedUs > limitUs * OWN_SHARE;
}

/** Describes an attempt whose time ran out while connstorm computed the SCRAM proof. */
export function scramTooSlow(timeoutUs: number): Failure {
  const message = `connstorm had not computed the SCRAM proof within ${formatSpan(timeoutUs)}`;
  return { layer: 'local', phase: 'auth', code: 'SCRAM_CPU', message };
}

/** Describes a server that accepted direct TLS, but is not PostgreSQL 17 or later. */
export function noAlpn(): Failure {
  const message = 'the server speaks TLS, but did not agree to speak PostgreSQL (ALPN)';
  return { layer: 'protocol', phase: 'tls', code: 'NO_ALPN', message };
}

/** Returns a byte as text: 'H' with its quotes, or 0x16 if it does not print. */
export function quoteByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `0x${byte.toString(16).padStart(2, '0')}`;
}

/** Returns a message cut to MAX_MESSAGE_CHARACTERS. */
export function boundText(message: string): string {
  return message.length > MAX_MESSAGE_CHARACTERS ? cut(message, MAX_MESSAGE_CHARACTERS) : message;
}

/** Cuts by whole characters: half of a surrogate pair is not valid text. */
function cut(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * (limit + 1)));
  return characters.length > limit ? `${characters.slice(0, limit - 3).join('')}...` : text;
}
