import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { statIfThere } from './result-place.ts';

/** Destination of a record's bytes. System errors are thrown, or passed to `onError` later. */
export interface ResultSink {
  write(bytes: Buffer): void;
  close(): void;
  /**
   * Resolves when the reader has taken what was written, or is no longer waited for: at once when `cancel` is aborted,
   * soon after `stop` is. Absent: bytes are taken at once.
   */
  drain?(cancel: AbortSignal, stop: AbortSignal): Promise<void>;
  /**
   * Returns why the file does not hold what was written, as text for a message; undefined if it does. Absent: cannot be
   * checked.
   */
  findLoss?: ((writtenBytes: number) => string | undefined) | undefined;
  onError?(listener: (error: NodeJS.ErrnoException) => void): void;
}

/** Writes in a loop, because the system may take fewer bytes than it is given. */
export function fileSink(fd: number, writeSome: typeof writeSync = writeSync): ResultSink {
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes, at, bytes.length - at);
    },
    close: () => closeSync(fd),
  };
}

/** Takes everything and keeps nothing. */
export const NO_SINK: ResultSink = { write: () => {}, close: () => {} };

/** Returns a check that the path still leads to the opened file, and that the file has exactly its bytes. */
export function watchFile(fd: number, path: string): ResultSink['findLoss'] {
  const opened = fstatSync(fd);
  if (!opened.isFile()) return undefined;
  // A relative path changes its meaning with the working directory.
  const absolute = resolve(path);
  return (writtenBytes) => {
    const found = statIfThere(absolute);
    if (found === undefined) return 'no longer exists: it was removed during the run';
    if (found.ino !== opened.ino || found.dev !== opened.dev) {
      return 'is another file: it was replaced during the run';
    }
    if (found.size < writtenBytes) return 'was shortened by another program during the run';
    return found.size > writtenBytes
      ? 'was written to by another program during the run'
      : undefined;
  };
}

/** Keeps the file's old content until the first write, because a run may be refused before that. */
export function replacingSink(fd: number): ResultSink {
  const sink = fileSink(fd);
  let isOld = true;
  return {
    ...sink,
    write(bytes) {
      if (isOld) ftruncateSync(fd);
      isOld = false;
      sink.write(bytes);
    },
  };
}

/** Writes to a stream, which reports errors later. `close` does nothing, because others use standard output, too. */
export function streamSink(stream: NodeJS.WritableStream): ResultSink {
  let report: (error: NodeJS.ErrnoException) => void = () => {};
  const listen = (error: NodeJS.ErrnoException): void => report(error);
  stream.on('error', listen);
  return {
    write: (bytes) => void stream.write(bytes),
    close: () => {},
    onError(listener) {
      report = listener;
    },
  };
}
