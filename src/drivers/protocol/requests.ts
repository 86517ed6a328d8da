import { serialize } from 'pg-protocol';

/** The code that stands in place of a protocol version. https://www.postgresql.org/docs/18/protocol-message-formats.html */
const CANCEL_REQUEST = 80_877_102;

/** Encodes a CancelRequest. `key`: the pid and the secret key of a BackendKeyData. */
export function encodeCancelRequest(key: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + key.length, 0);
  head.writeUInt32BE(CANCEL_REQUEST, 4);
  return Buffer.concat([head, key]);
}

export function encodeSslRequest(): Buffer {
  return serialize.requestSsl();
}
