/** Cuts the server's byte stream into messages: one type byte, a length word that counts itself, the payload. */

export interface FrameReceiver {
  /** Takes one message: `buffer[start, end)` is its payload, valid during the call only. False: no more, please. */
  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean;
}

export type FrameProblem =
  | { kind: 'too-long'; type: number; length: number }
  /** A server that could not fork answers in the protocol of before 2003: `E`, text, NUL, and no length word. */
  | { kind: 'legacy-error'; text: string };

/** No message of a login or of our queries comes near this; what claims to be longer is not Postgres. */
const MAX_FRAME_BYTES = 65_536;
/** libpq's rule (fe-connect.c): an `E` of fewer or more bytes than this is a text without a length word. */
const MIN_ERROR_BYTES = 8;
const MAX_ERROR_BYTES = 30_000;
const ERROR_RESPONSE = 0x45;
const HEADER_BYTES = 5;

export class FrameReader {
  #rest: Buffer | undefined;
  #legacy = false;

  /**
   * Hands every whole message of `chunk[0, length)` to `receiver` and keeps the beginning of one that is cut off.
   * `chunk` may be reused afterwards. Returns what cannot be a message, if anything.
   */
  read(chunk: Buffer, length: number, receiver: FrameReceiver): FrameProblem | undefined {
    let buffer = chunk;
    let end = length;
    if (this.#rest !== undefined) {
      buffer = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
      end = buffer.length;
      this.#rest = undefined;
    }
    return this.#readFrom(buffer, end, receiver);
  }

  /** What a legacy error's text is when the stream ended before its NUL; undefined when there is none. */
  endOfStream(): FrameProblem | undefined {
    return this.#legacy && this.#rest !== undefined
      ? { kind: 'legacy-error', text: this.#rest.toString('utf8', 1) }
      : undefined;
  }

  #readFrom(buffer: Buffer, end: number, receiver: FrameReceiver): FrameProblem | undefined {
    let at = 0;
    while (end - at >= HEADER_BYTES) {
      const type = buffer[at] as number;
      const length = buffer.readUInt32BE(at + 1);
      if (type === ERROR_RESPONSE && (length < MIN_ERROR_BYTES || length > MAX_ERROR_BYTES)) {
        return this.#readLegacyError(buffer, at, end);
      }
      if (length < 4 || length > MAX_FRAME_BYTES) return { kind: 'too-long', type, length };
      if (end - at < 1 + length) break;
      const stop = at + 1 + length;
      if (!receiver.handleFrame(type, buffer, at + HEADER_BYTES, stop)) return undefined;
      at = stop;
    }
    if (at < end) this.#rest = Buffer.from(buffer.subarray(at, end));
    return undefined;
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
    this.#rest = Buffer.from(buffer.subarray(at, end));
    return undefined;
  }
}
