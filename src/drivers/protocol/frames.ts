import {
  AUTHENTICATION,
  COPY_DATA,
  DATA_ROW,
  ERROR_RESPONSE,
  NOTICE_RESPONSE,
  READY_FOR_QUERY,
  ROW_DESCRIPTION,
} from './message-types.ts';

/** Cuts the server's byte stream into messages: one type byte, a length word that counts itself, and the payload. */

export interface FrameReceiver {
  /**
   * Takes one message: `buffer[start, end)` is its payload, valid only during the call. Returns false to get no more.
   */
  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean;
  /** Reports that a message of `bytes` bytes begins that is too long to be kept; its payload is read over. */
  skipFrame(bytes: number): void;
}

export type FrameProblem =
  | { kind: 'too-long'; type: number; length: number }
  /** A server that could not fork answers in the protocol used before 2003: `E`, text, NUL, and no length word. */
  | { kind: 'legacy-error'; text: string };

/**
 * No message of a login is nearly this long, except errors and notices. A longer one is not Postgres. After the login
 * only messages of results may be longer. They are read over, because only the arrival of such a row matters.
 */
const MAX_FRAME_BYTES = 65_536;
/** PostgreSQL makes no message longer than 1 GB (MaxAllocSize). */
const MAX_RESULT_FRAME_BYTES = 1_073_741_824;
/** Limit for errors and notices, once the server has shown that it speaks the protocol: their text may be long. */
const MAX_TEXT_FRAME_BYTES = 16_777_216;
/**
 * libpq's rule (fe-connect.c): an `E` with a length below or above these is a text without a length word. The rule
 * applies only until the server asks for authentication, because a server that asks has forked.
 */
const MIN_ERROR_BYTES = 8;
const MAX_ERROR_BYTES = 30_000;
/** Bytes of a message's type and its length word. */
export const HEADER_BYTES = 5;

export class FrameReader {
  /** Bytes that are not a whole message yet, in order. They are joined once `#wantedBytes` are there. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wantedBytes = 0;
  #legacy = false;
  /** The server has begun authentication, so it speaks the current protocol. */
  #isAuthBegun = false;
  /** The server has said ReadyForQuery, so results may come. */
  #isReady = false;
  /** What is still to be read over of a long message. */
  #skipBytes = 0;

  /**
   * Hands every whole message of `chunk[0, length)` to `receiver`, and keeps the beginning of one that is cut off.
   * `chunk` may be reused afterwards. Returns the first thing that cannot be a message; undefined if there is none.
   */
  read(chunk: Buffer, length: number, receiver: FrameReceiver): FrameProblem | undefined {
    if (this.#restBytes === 0) return this.#readFrom(chunk, length, receiver);
    const isEnough = this.#restBytes + length >= this.#wantedBytes;
    const added = chunk.subarray(0, length);
    if (!isEnough) {
      this.#keep(Buffer.from(added), this.#wantedBytes);
      return undefined;
    }
    const buffer = Buffer.concat([...this.#rest, added]);
    this.#rest = [];
    this.#restBytes = 0;
    return this.#readFrom(buffer, buffer.length, receiver);
  }

  /** Returns the legacy error that the end of the stream cut off before its NUL; undefined if there is none. */
  endOfStream(): FrameProblem | undefined {
    return this.#legacy && this.#restBytes > 0
      ? { kind: 'legacy-error', text: Buffer.concat(this.#rest).toString('utf8', 1) }
      : undefined;
  }

  #readFrom(buffer: Buffer, end: number, receiver: FrameReceiver): FrameProblem | undefined {
    let at = this.#skip(0, end);
    let wanted = HEADER_BYTES;
    while (end - at >= HEADER_BYTES) {
      const type = buffer[at] as number;
      const length = buffer.readUInt32BE(at + 1);
      if (this.#isLegacyError(type, length)) return this.#readLegacyError(buffer, at, end);
      if (length < 4 || this.#isTooLong(type, length)) return { kind: 'too-long', type, length };
      wanted = 1 + length;
      if (length > MAX_FRAME_BYTES && isResult(type)) {
        receiver.skipFrame(wanted);
        this.#skipBytes = wanted;
        at = this.#skip(at, end);
        wanted = HEADER_BYTES;
        continue;
      }
      if (end - at < wanted) break;
      const stop = at + wanted;
      if (type === AUTHENTICATION) this.#isAuthBegun = true;
      else if (type === READY_FOR_QUERY) this.#isReady = true;
      if (!receiver.handleFrame(type, buffer, at + HEADER_BYTES, stop)) return undefined;
      at = stop;
      wanted = HEADER_BYTES;
    }
    if (at < end) this.#keep(Buffer.from(buffer.subarray(at, end)), wanted);
    return undefined;
  }

  /** Reads over what is left of a long message; returns where the next one begins, `end` at most. */
  #skip(at: number, end: number): number {
    const bytes = Math.min(this.#skipBytes, end - at);
    this.#skipBytes -= bytes;
    return at + bytes;
  }

  #isLegacyError(type: number, length: number): boolean {
    if (type !== ERROR_RESPONSE || this.#isAuthBegun) return false;
    return length < MIN_ERROR_BYTES || length > MAX_ERROR_BYTES;
  }

  #isTooLong(type: number, length: number): boolean {
    if (length <= MAX_FRAME_BYTES) return false;
    if (this.#isReady && isResult(type)) return length > MAX_RESULT_FRAME_BYTES;
    const isText = type === ERROR_RESPONSE || type === NOTICE_RESPONSE;
    return !isText || !this.#isAuthBegun || length > MAX_TEXT_FRAME_BYTES;
  }

  #keep(bytes: Buffer, wantedBytes: number): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    this.#wantedBytes = wantedBytes;
  }

  #readLegacyError(buffer: Buffer, at: number, end: number): FrameProblem | undefined {
    const nul = buffer.indexOf(0, at + 1);
    if (nul !== -1 && nul < end) {
      return { kind: 'legacy-error', text: buffer.toString('utf8', at + 1, nul) };
    }
    if (end - at > MAX_ERROR_BYTES) {
      return { kind: 'too-long', type: ERROR_RESPONSE, length: end - at };
    }
    this.#legacy = true;
    // The NUL that ends it may be any later byte.
    this.#keep(Buffer.from(buffer.subarray(at, end)), 0);
    return undefined;
  }
}

function isResult(type: number): boolean {
  return type === DATA_ROW || type === ROW_DESCRIPTION || type === COPY_DATA;
}
