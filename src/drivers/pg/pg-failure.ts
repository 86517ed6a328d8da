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
import { unsupportedMethod } from '../login/login-exchange.ts';
import { NO_PASSWORD } from '../login/login-problem.ts';
import { FrameReader } from '../protocol/frames.ts';
import { findSeverity } from '../protocol/message-fields.ts';
import { ERROR_RESPONSE } from '../protocol/message-types.ts';
import { judgeSslReply } from '../protocol/ssl-reply.ts';

/** Thrown into pg where the server asks for a password and there is none. */
export class NoPasswordGiven extends Error {
  override readonly name = 'NoPasswordGiven';
}

/** Ends pg's stream where bytes came that pg cannot be given, or choked on; tells what that means in a phase. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
  readonly describe: (phase: FailurePhase) => Failure;

  constructor(describe: (phase: FailurePhase) => Failure) {
    super('the stream holds something that pg does not read');
    this.describe = describe;
  }
}

/** What pg-protocol throws at a message that it does not know, or that is shorter than it should be. */
export function describeParserError({ message }: Error): BrokenStream {
  const request = /^Unknown authenticationOk message type (\d+)/.exec(message)?.[1];
  return new BrokenStream((phase) =>
    request === undefined
      ? notPostgres(phase, `a message that pg cannot read (${message})`)
      : { ...unsupportedMethod(Number(request)), phase: 'auth' },
  );
}

/**
 * What an Error that pg calls back with or emits means. Those of the server carry a SQLSTATE, those of the socket an
 * errno; pg's own carry only their text.
 */
export function describePgError(error: Error, phase: FailurePhase): Failure {
  if (error instanceof NoPasswordGiven) return { ...NO_PASSWORD, phase };
  if (error instanceof BrokenStream) return error.describe(phase);
  if (error instanceof pg.DatabaseError) return describeDatabaseError(error, phase);
  // Node's, about a column whose bytes are not what its type says: a binary bigint of four bytes.
  if (error instanceof RangeError || error instanceof TypeError) {
    return notPostgres(phase, `a value that pg cannot read (${error.message})`);
  }
  if ((error as NodeJS.ErrnoException).code !== undefined) return describeSocketError(error, phase);
  if (error.message.startsWith('Connection terminated')) return closedByServer(phase);
  return describeSaslError(error.message, phase) ?? notPostgres(phase, error.message);
}

/** Also pg-protocol's word for a message of a type that it does not know. */
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

/** A reply to SSLRequest that is not the one byte `S`; pg itself tells only that there was an error. */
export function describeSslRefusal(reply: Buffer, sslmode: SslMode): Failure {
  if (reply[0] === ERROR_RESPONSE) return describeErrorReply(reply);
  return judgeSslReply(reply, reply.length) ?? noTls(sslmode);
}

/** The ErrorResponse of a server or pooler that refuses before TLS is settled. */
function describeErrorReply(reply: Buffer): Failure {
  let failure: Failure | undefined;
  const frames = new FrameReader();
  const problem = frames.read(reply, reply.length, {
    handleFrame: (_type, buffer, start, end) => {
      failure = readServerError(buffer, start, end, 'spawn');
      return false;
    },
  });
  const legacy = problem ?? frames.endOfStream();
  if (legacy !== undefined) return describeFrameProblem(legacy, 'spawn');
  return failure ?? notPostgres('spawn', 'half an error in reply to SSLRequest');
}
