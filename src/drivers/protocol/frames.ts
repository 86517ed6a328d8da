import { AUTHENTICATION, ERROR_RESPONSE, NOTICE_RESPONSE } from './message-types.ts';

/** Cuts the server's byte stream into messages: one type byte, a length word that counts itself, the payload. */

export interface FrameReceiver {
  /** Takes one message: `buffer[start, end)` is its payload, valid during the call only. False: no more, please. */
  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean;
}

export type FrameProblem =
  | { kind: 'too-long'; type: number; length: number }
  /** A server that could not fork answers in the protocol of before 2003: `E`, text, NUL, and no length word. */
  | { kind: 'legacy-error'; text: string };

/** No message of a login or of our queries comes near this, but for errors and notices; what claims to be longer is not Postgres. */
const MAX_FRAME_BYTES = 65_536;
/** An error's or notice's, once the server has shown that it speaks the protocol: its text may be of any length. */
const MAX_TEXT_FRAME_BYTES = 16_777_216;
/**
 * libpq's rule (fe-connect.c): an `E` of fewer or more bytes than this is a text without a length word. It holds for a
 * server's first word alone: what can ask for authentication has forked.
 */
const MIN_ERROR_BYTES = 8;
const MAX_ERROR_BYTES = 30_000;
/** A message's type, and its length word. */
export const HEADER_BYTES = 5;

export class FrameReader {
  /** What was read and makes no whole message yet, in order; joined once `#wantedBytes` are there. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wantedBytes = 0;
  #legacy = false;
  /** The server has begun authentication: it speaks the protocol of today. */
  #isAuthBegun = false;

  /**
   * Hands every whole message of `chunk[0, length)` to `receiver` and keeps the beginning of one that is cut off.
   * `chunk` may be reused afterwards. Returns what cannot be a message, if anything.
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

  /** What a legacy error's text is when the stream ended before its NUL; undefined when there is none. */
  endOfStream(): FrameProblem | undefined {
    return this.#legacy && this.#restBytes > 0
      ? { kind: 'legacy-error', text: Buffer.concat(this.#rest).toString('utf8', 1) }
      : undefined;
  }

  #readFrom(buffer: Buffer, end: number, receiver: FrameReceiver): FrameProblem | undefined {
    let at = 0;
    let wanted = HEADER_BYTES;
    while (end - at >= HEADER_BYTES) {
      const type = buffer[at] as number;
      const length = buffer.readUInt32BE(at + 1);
      if (this.#isLegacyError(type, length)) return this.#readLegacyError(buffer, at, end);
      if (length < 4 || this.#isTooLong(type, length)) return { kind: 'too-long', type, length };
      wanted = 1 + length;
      if (end - at < wanted) break;
      const stop = at + wanted;
      if (type === AUTHENTICATION) this.#isAuthBegun = true;
      if (!receiver.handleFrame(type, buffer, at + HEADER_BYTES, stop)) return undefined;
      at = stop;
      wanted = HEADER_BYTES;
    }
    if (at < end) this.#keep(Buffer.from(buffer.subarray(at, end)), wanted);
    return undefined;
  }

  #isLegacyError(type: number, length: number): boolean {
    if (type !== ERROR_RESPONSE || this.#isAuthBegun) return false;
    return length < MIN_ERROR_BYTES || length > MAX_ERROR_BYTES;
  }

  #isTooLong(type: number, length: number): boolean {
    if (length <= MAX_FRAME_BYTES) return false;
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
    // Its end may be in any byte to come.
    this.#keep(Buffer.from(buffer.subarray(at, end)), 0);
    return undefined;
  }
}
