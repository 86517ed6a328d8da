import type { Failure } from '../../model/measures.ts';
import { notPostgres, quoteByte } from '../failure.ts';
import { ERROR_RESPONSE } from './message-types.ts';

/**
 * The one byte that answers an SSLRequest
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL).
 */
export const SSL_YES = 0x53; // S
export const SSL_NO = 0x4e; // N

/**
 * Returns why `reply[0, length)` is no answer to an SSLRequest; undefined if it is `S` or `N`. Behind `N` a refusal may
 * follow. If an ErrorResponse came instead, the caller must read it before.
 */
export function judgeSslReply(reply: Buffer, length: number): Failure | undefined {
  const first = reply[0] ?? 0;
  if (first !== SSL_YES && first !== SSL_NO) {
    return notPostgres('spawn', `${quoteByte(first)} in reply to SSLRequest`);
  }
  if (length !== 1 && !isRefusalInClear(first, reply)) {
    // Bytes after the reply did not come through TLS, so an attacker may have inserted them (CVE-2021-23222).
    return notPostgres('spawn', 'unencrypted bytes after the reply to SSLRequest');
  }
  return undefined;
}

/**
 * Returns whether an ErrorResponse follows the `N`. A backend that waits for the StartupMessage sends one when it must
 * end (57P01 when the postmaster died). After `N` there is no encrypted stream that a forged one could enter.
 */
function isRefusalInClear(first: number, reply: Buffer): boolean {
  return first === SSL_NO && reply[1] === ERROR_RESPONSE;
}
