import type { Failure } from '../../model/measures.ts';
import { notPostgres, quoteByte } from '../failure.ts';
import { ERROR_RESPONSE } from './message-types.ts';

/** The one byte that answers an SSLRequest (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL). */
export const SSL_YES = 0x53; // S
export const SSL_NO = 0x4e; // N

/**
 * Returns why `reply[0, length)` is no answer to an SSLRequest; undefined where it is `S` or `N`, the latter with or
 * without a refusal behind it. An ErrorResponse in its place is for the caller to read.
 */
export function judgeSslReply(reply: Buffer, length: number): Failure | undefined {
  const first = reply[0] ?? 0;
  if (first !== SSL_YES && first !== SSL_NO) {
    return notPostgres('spawn', `${quoteByte(first)} in reply to SSLRequest`);
  }
  if (length !== 1 && !isRefusalInClear(first, reply)) {
    // More than the one byte did not come through TLS: somebody put it in (CVE-2021-23222).
    return notPostgres('spawn', 'unencrypted bytes after the reply to SSLRequest');
  }
  return undefined;
}

/**
 * Whether an ErrorResponse stands behind the `N`. A backend that waits for the StartupMessage says so when it has to go
 * (57P01 where the postmaster died), and nothing is encrypted after `N` that somebody could have forged it into.
 */
function isRefusalInClear(first: number, reply: Buffer): boolean {
  return first === SSL_NO && reply[1] === ERROR_RESPONSE;
}
