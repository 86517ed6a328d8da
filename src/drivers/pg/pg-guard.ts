import { describeFrameProblem, notPostgres, readServerError } from '../failure.ts';
import { FrameReader, type FrameReceiver, HEADER_BYTES } from '../protocol/frames.ts';
import { readSeverity, type Severity } from '../protocol/message-fields.ts';
import { ERROR_RESPONSE, NOTICE_RESPONSE } from '../protocol/message-types.ts';
import { BrokenStream } from './pg-failure.ts';

/** Below it a length word does not even count itself. */
const MIN_LENGTH = 4;
const NOTHING = Buffer.alloc(0);

/**
 * Reads along with pg-protocol, one step ahead, for what it does not survive: it looks for the end of an error's or
 * notice's fields beyond the message, for ever where there is none, and goes on in the midst of nonsense where a length
 * word is too small. And for a text of protocol 2 (a server that could not fork), whose length word it would wait for.
 */
export class PgGuard implements FrameReceiver {
  readonly #frames = new FrameReader();
  /** Bytes of the whole stream before this chunk, and those of them and of it that are sound messages. */
  #receivedBytes = 0;
  #soundBytes = 0;
  #isClosed = false;
  /** Of the errors and notices that pg-protocol has not handed over yet, in their order. */
  readonly #severities: (Severity | undefined)[] = [];
  /** What the stream is to be broken off with, once what `admit` returned was read. */
  problem: BrokenStream | undefined;

  /** How much of `chunk` pg-protocol may read: all of it, or what comes before the problem. */
  admit(chunk: Buffer): Buffer {
    if (this.#isClosed) return NOTHING;
    const problem = this.#frames.read(chunk, chunk.length, this);
    // A length that no message has: pg waits for the rest, and so it does if nothing follows.
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

  /** Of the next error or notice that pg-protocol hands over, by the field that is not translated and that it drops. */
  takeSeverity(): Severity | undefined {
    return this.#severities.shift();
  }

  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean {
    const hasFields = type === ERROR_RESPONSE || type === NOTICE_RESPONSE;
    if (!hasFields || endsInFields(buffer, start, end)) {
      this.#soundBytes += HEADER_BYTES + end - start;
      if (hasFields) this.#severities.push(readSeverity(buffer, start, end));
      return true;
    }
    // Read now: the buffer is lent.
    const said = readServerError(buffer, start, end, 'query');
    this.problem = new BrokenStream((phase) =>
      type === ERROR_RESPONSE ? { ...said, phase } : notPostgres(phase, 'a notice without an end'),
    );
    return false;
  }
}

/** A byte naming the field, a C string, and so on; a NUL in place of a name is the end. */
function endsInFields(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    if (buffer[at] === 0) return true;
    const nul = buffer.indexOf(0, at + 1);
    if (nul === -1) return false;
    at = nul + 1;
  }
  return false;
}
