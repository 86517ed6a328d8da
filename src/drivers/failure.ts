import type { Failure, Phase } from '../result/records.ts';
import type { FrameProblem } from './frames.ts';

/** What was in the way, by layer; every function here makes data, none throws. */

const MAX_MESSAGE_LENGTH = 200;
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

/** From an ErrorResponse's payload (V3: a byte naming the field, a C string, ... NUL); missing fields get stand-ins. */
export function readServerError(buffer: Buffer, start: number, end: number, phase: Phase): Failure {
  let code = 'XX000';
  let message = '';
  for (let at = start; at < end && buffer[at] !== 0; ) {
    const nul = buffer.indexOf(0, at + 1);
    const stop = nul === -1 || nul > end ? end : nul;
    if (buffer[at] === FIELD_CODE) code = buffer.toString('latin1', at + 1, stop);
    if (buffer[at] === FIELD_MESSAGE) message = buffer.toString('utf8', at + 1, stop);
    at = stop + 1;
  }
  return describeServerError(code, message, phase);
}

const FIELD_CODE = 0x43;
const FIELD_MESSAGE = 0x4d;

/** What the server said, by its SQLSTATE. */
export function describeServerError(code: string, message: string, phase: Phase): Failure {
  return { layer: 'server', phase, code, message: cut(message) };
}

/** From an error event of a socket, plain or TLS. */
export function describeSocketError(error: Error, phase: Phase): Failure {
  const { code, syscall, reason } = error as NodeJS.ErrnoException & { reason?: string };
  const name = code ?? 'ERROR';
  if (LOCAL_ERRNOS.has(name)) return { layer: 'local', phase, code: name, message: cut(say()) };
  // OpenSSL's texts start with a varying id; its `reason` does not.
  const layer = name.startsWith('ERR_SSL') || name === 'EPROTO' ? 'protocol' : 'network';
  return { layer, phase, code: name, message: cut(say()) };

  function say(): string {
    if (reason !== undefined) return `TLS: ${reason}`;
    return syscall === undefined ? error.message : `${syscall} ${name}`;
  }
}

/** From bytes that are no message of the protocol. */
export function describeFrameProblem(problem: FrameProblem, phase: Phase): Failure {
  if (problem.kind === 'legacy-error') {
    return { layer: 'server', phase, code: 'V2_ERROR', message: cut(problem.text.trim()) };
  }
  return notPostgres(
    phase,
    `a message of type ${quoteByte(problem.type)} and ${problem.length} bytes`,
  );
}

/** The other side does not speak Postgres, or not at this point. */
export function notPostgres(phase: Phase, got: string): Failure {
  return {
    layer: 'protocol',
    phase,
    code: 'NOT_POSTGRES',
    message: cut(`not Postgres: got ${got}`),
  };
}

/** The other side broke the rules of its own protocol. */
export function protocolBroken(code: string, message: string, phase: Phase): Failure {
  return { layer: 'protocol', phase, code, message: cut(message) };
}

/** The server asks for a password, and there is none to give. */
export function noPassword(phase: Phase): Failure {
  const message = 'the server asks for a password and none was given';
  return { layer: 'server', phase, code: 'NO_PASSWORD', message };
}

/** The other side ended the stream without a word. */
export function closedByServer(phase: Phase): Failure {
  return { layer: 'network', phase, code: 'CLOSED', message: 'the server closed the connection' };
}

export function timedOut(phase: Phase, timeoutUs: number): Failure {
  const message = `no answer within ${timeoutUs / 1_000_000} s`;
  return { layer: 'timeout', phase, code: 'TIMEOUT', message };
}

/** sslmode=require met a server without TLS. */
export function noTls(): Failure {
  const message = 'the server does not offer TLS, and sslmode=require asks for it';
  return { layer: 'server', phase: 'tls', code: 'NO_TLS', message };
}

export function badSignature(): Failure {
  const message = 'the server ended SCRAM without proving that it knows the password';
  return { layer: 'protocol', phase: 'ready', code: 'BAD_SIGNATURE', message };
}

/** A byte for people: 'H', or 0x16 where it does not print. */
export function quoteByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `0x${byte.toString(16).padStart(2, '0')}`;
}

function cut(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH
    ? `${message.slice(0, MAX_MESSAGE_LENGTH - 3)}...`
    : message;
}
