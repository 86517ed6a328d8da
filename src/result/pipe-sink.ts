import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResultSink } from './write.ts';

const POLL_MS = 20;
/** What a reader may be behind: beyond it nobody reads. */
const MOST_QUEUED_BYTES = 64 * 2 ** 20;

/**
 * Opens a named pipe for writing once somebody reads it. An ordinary open would keep this thread, deaf to Ctrl-C, until then.
 *
 * @param waiting called once, where nobody reads yet
 * @returns its descriptor, which never blocks; undefined where `stop` was aborted first
 * @throws the system's error where it cannot be opened for another reason
 */
export async function openPipe(
  path: string,
  stop: AbortSignal,
  waiting: () => void,
): Promise<number | undefined> {
  for (let isTold = false; !stop.aborted; isTold = true) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      // There is no reader.
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    if (!isTold) waiting();
    await delay(POLL_MS);
  }
  return undefined;
}

/** Writes what the reader takes, and keeps the rest until it takes more. */
export class PipeSink implements ResultSink {
  readonly #fd: number;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #tell: (error: NodeJS.ErrnoException) => void = () => {};

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#flush();
    if (this.#queuedBytes <= MOST_QUEUED_BYTES) return;
    this.#drop();
    throw Object.assign(new Error('its reader does not keep up'), { code: 'ENOBUFS' });
  }

  onError(listener: (error: NodeJS.ErrnoException) => void): void {
    this.#tell = listener;
  }

  /** Resolves when the reader has taken all, or `signal` is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    while (this.#queue.length > 0 && !signal.aborted) await delay(POLL_MS);
    if (this.#queue.length === 0) return;
    this.#drop();
    this.#tell(Object.assign(new Error('its reader took no more'), { code: 'ECANCELED' }));
  }

  close(): void {
    this.#drop();
    closeSync(this.#fd);
  }

  #drop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  /** Throws where the pipe is broken. */
  #flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const written = writeNow(this.#fd, next);
      this.#queuedBytes -= written;
      if (written < next.length) {
        this.#queue[0] = next.subarray(written);
        this.#timer ??= setInterval(() => this.#flushLater(), POLL_MS);
        return;
      }
      this.#queue.shift();
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #flushLater(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#drop();
      this.#tell(error as NodeJS.ErrnoException);
    }
  }
}

/** How many bytes a full pipe took: perhaps none. */
function writeNow(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
