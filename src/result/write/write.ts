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

/** Only the owner may read a result: it holds the server's settings and the target's name. */
const FILE_MODE = 0o600;

/**
 * Writes each record at once, as one line. A failure never stops a run. It is kept in `failure`, for the code that ends
 * the run to report once. Nothing more is written after it, so that what came before stays readable.
 */
export class ResultWriter {
  readonly #sink: ResultSink;
  readonly #isOld: boolean;
  /** null: standard output. */
  readonly path: string | null;
  #failure: ConnstormError | undefined;
  #closed = false;
  #readerGone = false;
  /** Bytes of whole records. */
  #writtenBytes = 0;

  /** Creates a writer. `isOld`: the file existed before. Then it is not removed if nothing is written to it. */
  constructor(sink: ResultSink, path: string | null, isOld = false) {
    this.#sink = sink;
    this.path = path;
    this.#isOld = isOld;
    sink.onError?.((error) => this.#fail(error));
  }

  /**
   * Opens the writer. `out`: a path, `-` for standard output, false for no file, or undefined for a new file in
   * results/. Throws UsageError if the file cannot be created, or exists and `overwrite` is false.
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
   * Opens the writer as `open` does, and waits for the reader of a named pipe. Calls `waiting` if there is no reader
   * yet. Returns undefined if `stop` was aborted first.
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

  /** Reason why not everything was written; undefined: no failure. */
  get failure(): ConnstormError | undefined {
    return this.#failure;
  }

  /** True: the reader of standard output has closed it, so nothing more is written. */
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
   * Waits until all is written, and checks whether others changed the file; see `failure` afterwards. Returns the path
   * if the file is there and holds at least one whole record, else null. It does not wait for a slow reader once
   * `cancel` is aborted, and only a few seconds once `stop` is.
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

  /** Closes the sink and removes a file that no record was written to. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#try(() => this.#sink.close());
    this.#closed = true;
    const isOurs = this.#writtenBytes === 0 && !this.#isOld;
    if (isOurs && this.path !== null && statIfThere(this.path)?.isFile()) rmSync(this.path);
  }

  /** Calls `close` if no record was written. */
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
    // A reader that closes early, such as `| head`, is no failure.
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

/** Opens a new file with a generated name. A second run in the same second gets the next number. */
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
    // Append mode: if another program cuts the file, the part is missing instead of filled with zeros.
    // Pipes and devices exist before the run and hold nothing that could be overwritten.
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
    // Node reports ENOENT also for a read-only file system.
    checkFolder(folder, folder);
    throw notWritable(folder, error);
  }
}
