import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { statIfThere } from './result-place.ts';

/** Where a record's bytes go. Throws, or tells later through `onError`, what the system said. */
export interface ResultSink {
  write(bytes: Buffer): void;
  close(): void;
  /**
   * Resolves when what was written has been taken, or is given up: at once when `cancel` is aborted, and soon when `stop` is.
   * Absent: it is taken at once.
   */
  drain?(cancel: AbortSignal, stop: AbortSignal): Promise<void>;
  /** Why the file is not, or no longer, what was written: in the words of a person. Absent: nobody can tell. */
  findLoss?: ((writtenBytes: number) => string | undefined) | undefined;
  onError?(listener: (error: NodeJS.ErrnoException) => void): void;
}

/** The system may take fewer bytes than it is given. */
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

/** Whether the path still leads to the file that was opened, and whether that has all of its bytes. */
export function watchFile(fd: number, path: string): ResultSink['findLoss'] {
  const opened = fstatSync(fd);
  if (!opened.isFile()) return undefined;
  // The folder of work may change, and with it what a relative path means.
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

/** What the file held stays until there is something to replace it: a run may be refused. */
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

/** A stream tells its errors later, and standard output is not ours to end. */
export function streamSink(stream: NodeJS.WritableStream): ResultSink {
  let tell: (error: NodeJS.ErrnoException) => void = () => {};
  const listen = (error: NodeJS.ErrnoException): void => tell(error);
  stream.on('error', listen);
  return {
    write: (bytes) => void stream.write(bytes),
    close: () => {},
    onError(listener) {
      tell = listener;
    },
  };
}
