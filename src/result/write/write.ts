import { mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderJson } from '../../controls.ts';
import { ConnstormError } from '../../errors.ts';
import { maskSecrets } from '../../secrets.ts';
import type { ResultRecord } from '../records/records.ts';
import { openPipe, openStdoutPipe, PipeSink } from './pipe-sink.ts';
import {
  checkFolder,
  DEFAULT_FOLDER,
  explain,
  notOverwritten,
  notWritable,
  openOld,
  refuseZipped,
  statIfThere,
} from './result-place.ts';
import {
  fileSink,
  NO_SINK,
  type ResultSink,
  replacingSink,
  streamSink,
  watchFile,
} from './sink.ts';

/** The server's settings and the target's name are nobody else's business. */
const FILE_MODE = 0o600;

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
  /** Of whole records. */
  #writtenBytes = 0;

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
    out: string | false | undefined,
    scenario: string,
    {
      stdout = process.stdout,
      overwrite = false,
    }: { stdout?: NodeJS.WritableStream; overwrite?: boolean } = {},
  ): ResultWriter {
    if (out === false) return new ResultWriter(NO_SINK, null);
    if (out === '-') return new ResultWriter(streamSink(stdout), null);
    if (out !== undefined) refuseZipped(out);
    if (out !== undefined && overwrite && statIfThere(out)?.isFile()) {
      const old = openOld(out);
      const sink = { ...replacingSink(old), findLoss: watchFile(old, out) };
      return new ResultWriter(sink, out, true);
    }
    const { fd, path } = out === undefined ? openDefault(scenario) : openNamed(out);
    return new ResultWriter({ ...fileSink(fd), findLoss: watchFile(fd, path) }, path);
  }

  /**
   * The same, and a named pipe is opened when somebody reads it; `waiting` is called where nobody does yet. undefined: `stop` was
   * aborted before.
   */
  static async openWhenRead(
    out: string | false | undefined,
    scenario: string,
    {
      stop,
      waiting,
      overwrite = false,
    }: { stop: AbortSignal; waiting: (path: string) => void; overwrite?: boolean },
  ): Promise<ResultWriter | undefined> {
    const stdout = out === '-' ? openStdoutPipe() : undefined;
    if (stdout !== undefined) return new ResultWriter(new PipeSink(stdout), null);
    if (typeof out !== 'string' || statIfThere(out)?.isFIFO() !== true) {
      return ResultWriter.open(out, scenario, { overwrite });
    }
    const fd = await openPipe(out, stop, () => waiting(out)).catch((error: unknown) => {
      throw notWritable(out, error);
    });
    return fd === undefined ? undefined : new ResultWriter(new PipeSink(fd), out);
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
    const bytes = Buffer.from(`${maskSecrets(renderJson(record))}\n`);
    this.#try(() => {
      this.#sink.write(bytes);
      this.#writtenBytes += bytes.length;
    });
  }

  /**
   * The path of a file that holds at least one whole record, and is there; null where there is none. Finds out what others did
   * to the file meanwhile: see `failure` afterwards. A reader that takes no more is not waited for once `cancel` is aborted, and a
   * few seconds once `stop` is.
   */
  async finish(cancel: AbortSignal, stop: AbortSignal = cancel): Promise<string | null> {
    await this.#sink.drain?.(cancel, stop);
    const loss = this.#sink.findLoss?.(this.#writtenBytes);
    if (loss !== undefined && this.#failure === undefined) {
      const message = `${this.path} ${loss}; no file holds all figures of this run`;
      this.#failure = new ConnstormError('internal', 'RESULT_LOST', message);
    }
    const isThere = this.path !== null && statIfThere(this.path) !== undefined;
    return isThere && this.#writtenBytes > 0 ? this.path : null;
  }

  /** A file that no record was written to is removed. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#try(() => this.#sink.close());
    this.#closed = true;
    const isOurs = this.#writtenBytes === 0 && !this.#isOld;
    if (isOurs && this.path !== null && statIfThere(this.path)?.isFile()) rmSync(this.path);
  }

  /** Closes it where no record was written to it, and removes the file as `close` does. */
  closeIfEmpty(): void {
    if (this.#writtenBytes === 0) this.close();
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
    const holds =
      this.#writtenBytes === 0
        ? 'could not be written'
        : 'has only the first part of the result, because it could not be written to the end';
    const message = `${name} ${holds}: ${explain(error)}`;
    this.#failure ??= new ConnstormError('internal', 'RESULT_NOT_WRITTEN', message, {
      cause: error,
    });
  }
}

/** A file of our own name; a second run in the same second gets the next one. */
function openDefault(scenario: string): { fd: number; path: string } {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const base = join(DEFAULT_FOLDER, `${time}-${scenario.replace(/[^\w.-]+/g, '_')}`);
  makeFolder(base);
  for (let number = 1; ; number++) {
    const path = `${base}${number === 1 ? '' : `-${number}`}.ndjson`;
    try {
      return { fd: openSync(path, 'ax', FILE_MODE), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(path, error);
    }
  }
}

function openNamed(path: string): { fd: number; path: string } {
  const stats = statIfThere(path);
  if (stats?.isDirectory()) throw notWritable(path, { code: 'EISDIR' });
  try {
    // Appended: what others cut off is then missing, instead of being filled with zeros.
    // Pipes and devices exist before us and hold nothing that could be overwritten.
    const flags = stats !== undefined && !stats.isFile() ? 'w' : 'ax';
    return { fd: openSync(path, flags, FILE_MODE), path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(path, error);
    throw notOverwritten(path, error);
  }
}

function makeFolder(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    // Node says ENOENT where the file system is read-only, too.
    checkFolder(folder, folder);
    throw notWritable(folder, error);
  }
}
