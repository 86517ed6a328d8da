import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip } from '../../model/gzip.ts';

/** The path of a file, or bytes that were already read from standard input, with the name that messages give them. */
export type ResultSource = string | { name: string; bytes: Uint8Array };

const PIECE_BYTES = 1 << 16;
/** Limit of a result's unpacked size. A run of many hours has about 100 MB. */
export const MOST_UNPACKED_BYTES = 1 << 30;

/**
 * Yields the bytes of a result, piece by piece. A piece is valid until the next one is asked for. Content that begins
 * with the bytes of gzip is unpacked, whatever the file's name. A packed file that was cut off yields all that came
 * before. Throws the errors of the system or of zlib.
 */
export function* readPieces(source: ResultSource): Generator<Buffer> {
  const pieces = readRaw(source);
  let head: Buffer = Buffer.alloc(0);
  // A read from a pipe may return a single byte.
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

/** Throws RangeError above MOST_UNPACKED_BYTES, and zlib's error for damaged bytes. A missing end is no error. */
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
