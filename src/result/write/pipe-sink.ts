import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResultSink } from './sink.ts';

const POLL_MS = 20;
/** Largest amount that the reader may be behind. Beyond it the writer gives up. */
const MOST_QUEUED_BYTES = 64 * 2 ** 20;
/** Time that a stopped run waits for a reader that takes nothing. */
const PATIENCE_MS = 5_000;

/**
 * Opens a named pipe for writing once a reader has opened it. An ordinary open would block this thread until then, and
 * Ctrl-C would not work.
 *
 * @param waiting called once, if there is no reader yet
 * @returns the descriptor, which never blocks; undefined if `stop` was aborted first
 * @throws the system's error if the pipe cannot be opened for another reason
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

const STDOUT = 1;

/**
 * Opens standard output a second time if it is a pipe, so that writing never blocks. Node's own stream blocks the
 * thread, and signals with it, until the reader takes the bytes. Returns undefined if it is no pipe, or the system
 * offers no such way.
 */
export function openStdoutPipe(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    if (!fstatSync(STDOUT).isFIFO()) return undefined;
    // This opens a new file description: only this one is non-blocking, not the one that others share.
    return openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Writes what the reader takes, and keeps the rest until it takes more. */
export class PipeSink implements ResultSink {
  readonly #fd: number;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #report: (error: NodeJS.ErrnoException) => void = () => {};

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#flushOrDrop();
    if (this.#queuedBytes <= MOST_QUEUED_BYTES) return;
    this.#drop();
    throw Object.assign(new Error('the program that reads it is too slow'), { code: 'ENOBUFS' });
  }

  onError(listener: (error: NodeJS.ErrnoException) => void): void {
    this.#report = listener;
  }

  /**
   * Resolves when the reader has taken all. Also resolves when it will not: the reader has gone, `cancel` is aborted,
   * or `stop` is aborted and the reader has taken nothing for `patienceMs`.
   */
  async drain(cancel: AbortSignal, stop: AbortSignal, patienceMs = PATIENCE_MS): Promise<void> {
    let left = this.#queuedBytes;
    for (let idleMs = 0; this.#queue.length > 0 && !cancel.aborted; idleMs += POLL_MS) {
      if (!stop.aborted || this.#queuedBytes !== left) idleMs = 0;
      if (idleMs > patienceMs) break;
      left = this.#queuedBytes;
      await delay(POLL_MS);
    }
    if (this.#queue.length === 0) return;
    this.#drop();
    this.#report(
      Object.assign(new Error('the program that reads it stopped reading'), { code: 'ECANCELED' }),
    );
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

  /** Throws if the pipe is broken. */
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
      this.#flushOrDrop();
    } catch (error) {
      this.#report(error as NodeJS.ErrnoException);
    }
  }

  /** Empties the queue if the pipe is broken. Otherwise `drain` would wait for it forever. */
  #flushOrDrop(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#drop();
      throw error;
    }
  }
}

/** Returns how many bytes the pipe took: 0 if it is full. */
function writeNow(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
