import pg from 'pg';
import type { Failure, FailurePhase } from '../../model/measures.ts';
import type { SslMode } from '../../scenario/plan/plan.ts';
import {
  closedByServer,
  describeFrameProblem,
  describeServerError,
  describeSocketError,
  noTls,
  notPostgres,
  protocolBroken,
  quoteByte,
  readServerError,
} from '../failure.ts';
import { NO_PASSWORD, unsupportedMethod } from '../login/login-problem.ts';
import { FrameReader } from '../protocol/frames.ts';
import { findSeverity } from '../protocol/message-fields.ts';
import { ERROR_RESPONSE } from '../protocol/message-types.ts';
import { judgeSslReply } from '../protocol/ssl-reply.ts';

/** The error that is thrown into pg when the server asks for a password and none was given. */
export class NoPasswordGiven extends Error {
  override readonly name = 'NoPasswordGiven';
}

/**
 * The error that ends pg's stream at bytes that must not reach pg, or that pg failed on. `describe` returns the failure
 * of a phase.
 */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
  readonly describe: (phase: FailurePhase) => Failure;

  constructor(describe: (phase: FailurePhase) => Failure) {
    super('the stream holds something that pg does not read');
    this.describe = describe;
  }
}

/** Describes what pg-protocol throws at a message that it does not know, or that is too short. */
export function describeParserError({ message }: Error): BrokenStream {
  const request = /^Unknown authenticationOk message type (\d+)/.exec(message)?.[1];
  return new BrokenStream((phase) =>
    request === undefined
      ? notPostgres(phase, `a message that pg cannot read (${message})`)
      : { ...unsupportedMethod(Number(request)), phase: 'auth' },
  );
}

/**
 * Describes an Error that pg calls back with or emits. Errors of the server carry a SQLSTATE, errors of the socket an
 * errno. Errors of pg itself carry only their text.
 */
export function describePgError(error: Error, phase: FailurePhase): Failure {
  if (error instanceof NoPasswordGiven) return { ...NO_PASSWORD, phase };
  if (error instanceof BrokenStream) return error.describe(phase);
  if (error instanceof pg.DatabaseError) return describeDatabaseError(error, phase);
  // Node throws these for a column whose bytes do not fit its type, such as a binary bigint of four bytes.
  if (error instanceof RangeError || error instanceof TypeError) {
    return notPostgres(phase, `a value that pg cannot read (${error.message})`);
  }
  if ((error as NodeJS.ErrnoException).code !== undefined) return describeSocketError(error, phase);
  if (error.message.startsWith('Connection terminated')) return closedByServer(phase);
  return describeSaslError(error.message, phase) ?? notPostgres(phase, error.message);
}

/** Describes a pg.DatabaseError. pg-protocol uses one for a message of an unknown type too. */
function describeDatabaseError(
  { code, message = '', severity }: pg.DatabaseError,
  phase: FailurePhase,
): Failure {
  const type = /^received invalid response: ([0-9a-f]+)$/.exec(message)?.[1];
  return code === undefined && type !== undefined
    ? notPostgres(phase, `message ${quoteByte(Number.parseInt(type, 16))}`)
    : describeServerError(code ?? '', message, phase, findSeverity(severity));
}

function describeSaslError(message: string, phase: FailurePhase): Failure | undefined {
  if (!message.startsWith('SASL: ')) return undefined;
  if (message.includes('server signature does not match')) {
    return protocolBroken('BAD_SIGNATURE', message, 'ready');
  }
  if (message.startsWith('SASL: Only mechanism')) {
    return { layer: 'server', phase, code: 'UNSUPPORTED_AUTH', message };
  }
  return protocolBroken('BAD_SCRAM', message, phase);
}

/** Describes a reply to SSLRequest that is not the single byte `S`. pg itself reports only that there was an error. */
export function describeSslRefusal(reply: Buffer, sslmode: SslMode): Failure {
  if (reply[0] === ERROR_RESPONSE) return describeErrorReply(reply);
  return judgeSslReply(reply, reply.length) ?? noTls(sslmode);
}

/** Describes the ErrorResponse of a server or pooler that refuses before TLS is settled. */
function describeErrorReply(reply: Buffer): Failure {
  let failure: Failure | undefined;
  const frames = new FrameReader();
  const problem = frames.read(reply, reply.length, {
    handleFrame: (_type, buffer, start, end) => {
      failure = readServerError(buffer, start, end, 'spawn');
      return false;
    },
    skipFrame: () => {},
  });
  const legacy = problem ?? frames.endOfStream();
  if (legacy !== undefined) return describeFrameProblem(legacy, 'spawn');
  return failure ?? notPostgres('spawn', 'an incomplete error message in reply to SSLRequest');
}
