import { describeFrameProblem, notPostgres, readServerError } from '../failure.ts';
import { FrameReader, type FrameReceiver, HEADER_BYTES } from '../protocol/frames.ts';
import { readSeverity, type Severity } from '../protocol/message-fields.ts';
import { ERROR_RESPONSE, NOTICE_RESPONSE } from '../protocol/message-types.ts';
import { BrokenStream } from './pg-failure.ts';

/** The least length that a length word can hold: its own four bytes. */
const MIN_LENGTH = 4;
const NOTHING = Buffer.alloc(0);

/**
 * A guard that reads along with pg-protocol, one step ahead, and stops what pg-protocol does not survive. For the end
 * of the fields of an error or notice pg-protocol searches beyond the message, and for ever if there is none. After a
 * length word that is too small it goes on in the midst of nonsense. It takes the letters of a text of protocol 2 (from
 * a server that could not fork) for a length word, and waits for that many bytes.
 */
export class PgGuard implements FrameReceiver {
  readonly #frames = new FrameReader();
  /** Bytes of the stream before this chunk; and bytes of the stream, this chunk included, that are sound messages. */
  #receivedBytes = 0;
  #soundBytes = 0;
  #isClosed = false;
  /** Severities of the errors and notices that pg-protocol has not handed over yet, in order. */
  readonly #severities: (Severity | undefined)[] = [];
  /** The reason to break off the stream, once pg-protocol has read what `admit` returned. */
  problem: BrokenStream | undefined;

  /** Returns the part of `chunk` that pg-protocol may read: all of it, or what comes before the problem. */
  admit(chunk: Buffer): Buffer {
    if (this.#isClosed) return NOTHING;
    const problem = this.#frames.read(chunk, chunk.length, this);
    // No message has this length. pg waits for the rest of it, and does so too if it is given nothing more.
    const isAwaited = problem?.kind === 'too-long' && problem.length >= MIN_LENGTH;
    if (problem !== undefined && !isAwaited) {
      this.problem = new BrokenStream((phase) => describeFrameProblem(problem, phase));
    }
    if (problem === undefined && this.problem === undefined) {
      this.#receivedBytes += chunk.length;
      return chunk;
    }
    this.#isClosed = true;
    return chunk.subarray(0, Math.max(0, this.#soundBytes - this.#receivedBytes));
  }

  /**
   * Returns the severity of the next error or notice that pg-protocol hands over. It comes from field V, which is not
   * translated and which pg-protocol drops.
   */
  takeSeverity(): Severity | undefined {
    return this.#severities.shift();
  }

  skipFrame(bytes: number): void {
    this.#soundBytes += bytes;
  }

  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean {
    const hasFields = type === ERROR_RESPONSE || type === NOTICE_RESPONSE;
    if (!hasFields || endsInFields(buffer, start, end)) {
      this.#soundBytes += HEADER_BYTES + end - start;
      if (hasFields) this.#severities.push(readSeverity(buffer, start, end));
      return true;
    }
    // Read it now: the buffer is reused after this call.
    const said = readServerError(buffer, start, end, 'query');
    this.problem = new BrokenStream((phase) =>
      type === ERROR_RESPONSE ? { ...said, phase } : notPostgres(phase, 'a notice without an end'),
    );
    return false;
  }
}

/**
 * Returns whether the fields end inside the payload. Each field is a byte that names it, and a C string. A NUL where a
 * name should be is the end.
 */
function endsInFields(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    if (buffer[at] === 0) return true;
    const nul = buffer.indexOf(0, at + 1);
    if (nul === -1) return false;
    at = nul + 1;
  }
  return false;
}
