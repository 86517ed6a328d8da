import pg from 'pg';
import type { Failure, Phase } from '../result/records.ts';
import type { SslMode } from '../scenario/plan.ts';
import {
  closedByServer,
  describeFrameProblem,
  describeServerError,
  describeSocketError,
  noPassword,
  noTls,
  notPostgres,
  protocolBroken,
  quoteByte,
  readServerError,
} from './failure.ts';
import { FrameReader } from './frames.ts';

/** Thrown into pg where the server asks for a password and there is none. */
export class NoPasswordGiven extends Error {
  override readonly name = 'NoPasswordGiven';
}

/**
 * What an Error that pg calls back with or emits means. Those of the server carry a SQLSTATE, those of the socket an
 * errno; pg's own carry only their text.
 */
export function describePgError(error: Error, phase: Phase): Failure {
  if (error instanceof NoPasswordGiven) return noPassword(phase);
  if (error instanceof pg.DatabaseError) {
    // Without a SQLSTATE it is pg-protocol's word for bytes that are no message.
    return error.code === undefined
      ? notPostgres(phase, error.message)
      : describeServerError(error.code, error.message, phase);
  }
  if ((error as NodeJS.ErrnoException).code !== undefined) return describeSocketError(error, phase);
  if (error.message.startsWith('Connection terminated')) return closedByServer(phase);
  if (error.message.includes('server signature does not match'))
    return protocolBroken('BAD_SIGNATURE', error.message, 'ready');
  if (error.message.startsWith('SASL: ')) return protocolBroken('BAD_SCRAM', error.message, phase);
  return notPostgres(phase, error.message);
}

const SSL_NO = 0x4e; // N
const ERROR_RESPONSE = 0x45; // E

/** A reply to SSLRequest that is not the one byte `S`; pg itself tells only that there was an error. */
export function describeSslRefusal(reply: Buffer, sslmode: SslMode): Failure {
  const [first = 0] = reply;
  if (first === ERROR_RESPONSE) return describeErrorReply(reply);
  if (reply.length > 1 && (first === SSL_NO || first === 0x53)) {
    // They did not come through TLS: somebody put them in (CVE-2021-23222).
    return notPostgres('spawn', 'unencrypted bytes behind the reply to SSLRequest');
  }
  if (first === SSL_NO) return noTls(sslmode);
  return notPostgres('spawn', `${quoteByte(first)} in reply to SSLRequest`);
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
