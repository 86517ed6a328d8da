import { formatSpan } from '../duration-text.ts';
import type { Failure, FailurePhase } from '../model/measures.ts';
import type { SslMode } from '../scenario/plan/plan.ts';
import type { FrameProblem } from './protocol/frames.ts';
import { readField, readSeverity, type Severity } from './protocol/message-fields.ts';
import type { LinkProblem } from './transport/link.ts';

/** What was in the way, by layer; every function here makes data, none throws. */

const MAX_MESSAGE_CHARACTERS = 200;
/** OpenSSL's go up to some 45, ERR_SSL_TLSV1_ALERT_CERTIFICATE_UNOBTAINABLE among them. */
const MAX_CODE_CHARACTERS = 64;
/** errno names that tell of this machine's own limits, not of the server or the way to it. */
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

/** What a server sends may be of any length; everything behind a driver relies on failures being short. */
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

/** From an ErrorResponse's payload; fields that are missing, or no SQLSTATE, get stand-ins. */
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

/** What the server said, by its SQLSTATE. */
export function describeServerError(
  code: string,
  message: string,
  phase: FailurePhase,
  severity?: Severity,
): Failure {
  const graded = severity === undefined ? {} : { severity };
  return { layer: 'server', phase, code: toSqlState(code, 'XX000'), message, ...graded };
}

/** `otherwise` in the place of what is no SQLSTATE. */
export function toSqlState(code: string, otherwise: string): string {
  return SQLSTATE.test(code) ? code : otherwise;
}

/** Operator intervention: 57P01 to 57P05. */
const INTERVENTION = /^57P/;

/**
 * Whether the other side went away, rather than answer a query with an error or not in time. Severity decides, not the
 * SQLSTATE's class: idle_session_timeout's 57P05 and idle_in_transaction_session_timeout's 25P03 are both FATAL.
 */
export function isConnectionGone({ layer, code, severity }: Failure): boolean {
  if (layer === 'network') return true;
  if (layer !== 'server') return false;
  return severity === undefined ? INTERVENTION.test(code) : severity !== 'ERROR';
}

/**
 * Whether a server announces with it that it breaks the connection off: a backend says so with a WARNING when another one
 * crashed (57P02) or the server stops at once (57P01), and no FATAL follows.
 */
export function announcesEnd(code: string, severity: Severity | undefined): boolean {
  return severity === 'WARNING' && INTERVENTION.test(code);
}

/**
 * From what broke a socket, plain or TLS. Where the server's accept queue is full, a Unix socket refuses with EAGAIN
 * what TCP would leave without an answer: both are told as `network`, as nobody has spoken.
 */
export function describeSocketError(problem: LinkProblem, phase: FailurePhase): Failure {
  const { code, syscall, reason } = problem;
  const name = code ?? 'ERROR';
  if (LOCAL_ERRNOS.has(name)) return { layer: 'local', phase, code: name, message: say() };
  if (isTlsCode(name)) {
    // A server that refuses our certificate says so after TLS 1.3's handshake is done for us.
    const blamed = phase === 'spawn' || phase === 'auth' ? 'tls' : phase;
    return { layer: 'protocol', phase: blamed, code: name, message: say() };
  }
  return { layer: 'network', phase, code: name, message: say() };

  function say(): string {
    // OpenSSL's texts start with a varying id; its `reason` does not. Node's ends with a list of names, which may be empty.
    if (reason !== undefined) return `TLS: ${reason.replace(/[:\s]+$/, '')}`;
    if (syscall === undefined) return problem.message;
    const isFull = name === 'EAGAIN' && syscall === 'connect';
    return isFull ? `${syscall} ${name}: ${QUEUE_FULL}` : `${syscall} ${name}`;
  }
}

/** ERR_SSL_..., ERR_TLS_..., and OpenSSL's verdicts (CERT_HAS_EXPIRED, ...), which have underscores as no errno has. */
function isTlsCode(name: string): boolean {
  return /^ERR_(?:SSL|TLS)_|^EPROTO$/.test(name) || /^(?!ERR_).*_/.test(name);
}

/** From bytes that are no message of the protocol. */
export function describeFrameProblem(problem: FrameProblem, phase: FailurePhase): Failure {
  if (problem.kind === 'legacy-error') {
    return { layer: 'server', phase, code: 'V2_ERROR', message: problem.text.trim() };
  }
  return notPostgres(
    phase,
    `a message of type ${quoteByte(problem.type)} and ${problem.length} bytes`,
  );
}

/** The other side does not speak Postgres, or not at this point. */
export function notPostgres(phase: FailurePhase, got: string): Failure {
  return {
    layer: 'protocol',
    phase,
    code: 'NOT_POSTGRES',
    message: `not Postgres: got ${got}`,
  };
}

/** Without a login nobody has shown who they are, nor been asked for what require_auth wants. */
export function readyBeforeLogin(phase: FailurePhase): Failure {
  return notPostgres(phase, 'ReadyForQuery before the login');
}

/** The other side broke the rules of its own protocol. */
export function protocolBroken(code: string, message: string, phase: FailurePhase): Failure {
  return { layer: 'protocol', phase, code, message };
}

/** What an end of the connection means where the server had said something that explains it, in `lastWord`. */
export function explainEnd(failure: Failure, lastWord: Failure | undefined): Failure {
  if (lastWord === undefined || failure.layer !== 'network') return failure;
  return { ...lastWord, phase: failure.phase };
}

/** The other side ended the stream without a word. */
export function closedByServer(phase: FailurePhase): Failure {
  return { layer: 'network', phase, code: 'CLOSED', message: 'the server closed the connection' };
}

/** How the message of an end ends that came between the accepted connection and the first byte from there. */
const UNHEARD = ' (it accepted the connection and sent nothing)';

/**
 * The same failure, saying that the connection had been accepted and nothing had come from there. It may be a proxy without a
 * server, or at its limit, or a server that is shutting down with connections in its accept queue: whoever listens has not said
 * who it is, and yet it is not a port where nobody listens.
 */
export function endUnheard(failure: Failure): Failure {
  if (failure.layer !== 'network') return failure;
  return { ...failure, message: `${failure.message}${UNHEARD}` };
}

/** Whether a connection was accepted and then broken off without a byte. */
export function isEndUnheard({ layer, message }: Pick<Failure, 'layer' | 'message'>): boolean {
  return layer === 'network' && message.endsWith(UNHEARD);
}

export function timedOut(phase: FailurePhase, timeoutUs: number): Failure {
  const message = `no answer within ${formatSpan(timeoutUs)}`;
  return { layer: 'timeout', phase, code: 'TIMEOUT', message };
}

/** sslmode=require, or a stronger one, met a server without TLS. */
export function noTls(sslmode: SslMode): Failure {
  const message = `the server does not offer TLS, and sslmode=${sslmode} needs it`;
  return { layer: 'server', phase: 'tls', code: 'NO_TLS', message };
}

/** Of the attempt's time: who waited for our keys for less of it would not have been ready in time without that wait either. */
const OWN_SHARE = 0.1;

/** Whether an attempt whose `limitUs` are over was held up by its wait for SCRAM keys, `waitedUs` so far. */
export function isHeldUpByKeys(waitedUs: number, limitUs: number): boolean {
  return waitedUs > limitUs * OWN_SHARE;
}

/** The attempt's time ran out on our own work. */
export function scramTooSlow(timeoutUs: number): Failure {
  const message = `connstorm had not computed the SCRAM proof within ${formatSpan(timeoutUs)}`;
  return { layer: 'local', phase: 'auth', code: 'SCRAM_CPU', message };
}

/** Direct TLS ended at something that is not PostgreSQL 17 or later. */
export function noAlpn(): Failure {
  const message = 'the server speaks TLS, but did not agree to speak PostgreSQL (ALPN)';
  return { layer: 'protocol', phase: 'tls', code: 'NO_ALPN', message };
}

/** A byte for people: 'H', or 0x16 where it does not print. */
export function quoteByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `0x${byte.toString(16).padStart(2, '0')}`;
}

/** A message cut to what is kept of one. */
export function boundText(message: string): string {
  return message.length > MAX_MESSAGE_CHARACTERS ? cut(message, MAX_MESSAGE_CHARACTERS) : message;
}

/** By whole characters: half a surrogate pair is no text. */
function cut(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, 2 * (limit + 1)));
  return characters.length > limit ? `${characters.slice(0, limit - 3).join('')}...` : text;
}
