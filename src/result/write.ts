import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConnstormError, UsageError } from '../errors.ts';
import { maskSecrets } from '../secrets.ts';
import type { ResultRecord } from './records.ts';

const DEFAULT_FOLDER = 'results';
/** The server's settings and the target's name are nobody else's business. */
const FILE_MODE = 0o600;

/** Where a record's bytes go. Throws, or tells later through `onError`, what the system said. */
export interface ResultSink {
  write(bytes: Buffer): void;
  close(): void;
  onError?(listener: (error: NodeJS.ErrnoException) => void): void;
}

/**
 * Writes records, a line each, at once. A failure never stops a run: it is kept in `failure`, told once by whoever
 * ends the run, and nothing more is written, so that what came before stays readable.
 */
export class ResultWriter {
  readonly #sink: ResultSink;
  readonly #isOld: boolean;
  /** null: standard output. */
  readonly path: string | null;
  #failure: ConnstormError | undefined;
  #closed = false;
  #readerGone = false;
  #isEmpty = true;

  /** `isOld`: the file was there before, so that it stays where nothing is written to it. */
  constructor(sink: ResultSink, path: string | null, isOld = false) {
    this.#sink = sink;
    this.path = path;
    this.#isOld = isOld;
    sink.onError?.((error) => this.#fail(error));
  }

  /**
   * `out`: a path, `-` for standard output, or undefined for a new file in results/.
   * Throws UsageError when the file cannot be made, or exists and is not to be overwritten.
   */
  static open(
    out: string | undefined,
    scenario: string,
    {
      stdout = process.stdout,
      overwrite = false,
    }: { stdout?: NodeJS.WritableStream; overwrite?: boolean } = {},
  ): ResultWriter {
    if (out === '-') return new ResultWriter(streamSink(stdout), null);
    if (out !== undefined && overwrite && statIfThere(out)?.isFile()) {
      return new ResultWriter(replacingSink(openOld(out)), out, true);
    }
    const { fd, path } = out === undefined ? openDefault(scenario) : openNamed(out);
    return new ResultWriter(fileSink(fd), path);
  }

  /** Why not everything was written; undefined while all is well. */
  get failure(): ConnstormError | undefined {
    return this.#failure;
  }

  /** Whoever read our standard output has closed it: nobody wants the rest. */
  get readerGone(): boolean {
    return this.#readerGone;
  }

  append(record: ResultRecord): void {
    if (this.#failure !== undefined || this.#closed || this.#readerGone) return;
    this.#isEmpty = false;
    this.#try(() => this.#sink.write(Buffer.from(`${maskSecrets(JSON.stringify(record))}\n`)));
  }

  /** A file that nothing was written to is removed. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#try(() => this.#sink.close());
    this.#closed = true;
    if (this.#isEmpty && !this.#isOld && this.path !== null && statIfThere(this.path)?.isFile())
      rmSync(this.path);
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    // A reader that has gone (`| head`) has seen enough: not a failure.
    if (error.code === 'EPIPE') this.#readerGone = true;
    if (this.#closed || this.#readerGone) return;
    const name = this.path ?? 'standard output';
    const message = `${name} holds only what came before it could not be written: ${explain(error)}`;
    this.#failure ??= new ConnstormError('internal', 'RESULT_NOT_WRITTEN', message, {
      cause: error,
    });
  }
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

/** What the file held stays until there is something to replace it: a run may be refused. */
function replacingSink(fd: number): ResultSink {
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
function streamSink(stream: NodeJS.WritableStream): ResultSink {
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

/** A file of our own name; a second run in the same second gets the next one. */
function openDefault(scenario: string): { fd: number; path: string } {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const base = join(DEFAULT_FOLDER, `${time}-${scenario.replace(/[^\w.-]+/g, '_')}`);
  makeFolder(base);
  for (let number = 1; ; number++) {
    const path = `${base}${number === 1 ? '' : `-${number}`}.ndjson`;
    try {
      return { fd: openSync(path, 'wx', FILE_MODE), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(path, error);
    }
  }
}

function openNamed(path: string): { fd: number; path: string } {
  const stats = statIfThere(path);
  if (stats?.isDirectory()) throw notWritable(path, { code: 'EISDIR' });
  try {
    // Pipes and devices exist before us and hold nothing that could be overwritten.
    const flags = stats !== undefined && !stats.isFile() ? 'w' : 'wx';
    return { fd: openSync(path, flags, FILE_MODE), path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(path, error);
    const message = `${path} exists and is not overwritten: name another file with --out, or add --overwrite`;
    throw new UsageError('RESULT_EXISTS', message, { cause: error });
  }
}

function openOld(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** undefined where there is nothing, or where no path leads to it: opening it tells why. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw notWritable(dirname(path), error);
  }
}

function notWritable(path: string, error: unknown): UsageError {
  const message = `${path} cannot be written: ${explain(error as SystemError)}`;
  return new UsageError('RESULT_NOT_WRITABLE', message, { cause: error });
}

type SystemError = { code?: string | undefined; message?: string };

const EXPLANATIONS: Record<string, string> = {
  ENOENT: 'its folder is not there; make it, or name another place with --out',
  ENOSPC: 'the disk is full; free some space, or write elsewhere with --out',
  EDQUOT: 'the disk quota is used up; free some space, or write elsewhere with --out',
  EFBIG: 'the file has reached the size limit; see ulimit -f',
  EACCES: 'no permission; name another place with --out',
  EPERM: 'not permitted; name another place with --out',
  EROFS: 'the file system is read-only; name another place with --out',
  ENOTDIR: 'a part of the path is a file; name another place with --out',
  EEXIST: 'a part of the path is a file; name another place with --out',
  EISDIR: 'it is a folder; name a file with --out',
  EMFILE: 'too many open files; see ulimit -n',
  EIO: 'the disk reports an input/output error',
};

function explain(error: SystemError): string {
  const { code = '', message = '' } = error;
  const explanation = EXPLANATIONS[code];
  return explanation === undefined ? message : `${explanation} (${code})`;
}
