import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';

/** A file by its path, or what has been read already (from standard input), under the name that messages give it. */
export type ResultSource = string | { name: string; bytes: Uint8Array };

const PIECE_BYTES = 1 << 16;
/** Unpacked. A run of many hours has some 100 MB. */
export const MOST_UNPACKED_BYTES = 1 << 30;

/**
 * The bytes of a result, piece by piece; each is valid until the next is asked for. What begins as gzip does is unpacked,
 * whatever its name is; one that was cut off gives what came before. Throws what the system says, or zlib.
 */
export function* readPieces(source: ResultSource): Generator<Buffer> {
  const pieces = readRaw(source);
  let head: Buffer = Buffer.alloc(0);
  // A pipe may give a single byte.
  while (head.length < 2) {
    const { value, done } = pieces.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  if (isGzip(head)) yield unpack(Buffer.concat([head, ...copyEach(pieces)]));
  else {
    yield head;
    yield* pieces;
  }
}

/** https://www.rfc-editor.org/rfc/rfc1952#page-6 */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Throws RangeError for more than MOST_UNPACKED_BYTES; an error of zlib for damaged bytes, but not for an end that is missing. */
function unpack(bytes: Uint8Array): Buffer {
  return gunzipSync(bytes, {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: MOST_UNPACKED_BYTES,
  });
}

function* readRaw(source: ResultSource): Generator<Buffer> {
  if (typeof source !== 'string') {
    yield Buffer.from(source.bytes);
    return;
  }
  const fd = openSync(source, 'r');
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (let bytes = read(fd, buffer); bytes > 0; bytes = read(fd, buffer)) {
      yield buffer.subarray(0, bytes);
    }
  } finally {
    closeSync(fd);
  }
}

function read(fd: number, buffer: Buffer): number {
  return readSync(fd, buffer, 0, buffer.length, null);
}

function* copyEach(pieces: Iterable<Buffer>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
