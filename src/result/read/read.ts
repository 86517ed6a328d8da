import { StringDecoder } from 'node:string_decoder';
import { escapeControls } from '../../controls.ts';
import { ConnstormError, UsageError } from '../../errors.ts';
import { checkArgument, type Kind } from '../../options.ts';
import { isLoneHeader } from '../file-version.ts';
import {
  type AnyHeader,
  type HeaderRecord,
  RESULT_VERSION,
  type VariantsHeaderRecord,
} from '../records/header.ts';
import type { ResultRecord } from '../records/records.ts';
import { findNearby } from './nearby.ts';
import { MOST_UNPACKED_BYTES, type ResultSource, readPieces } from './pieces.ts';
import { RecordSequence } from './sequence.ts';
import { checkHeaderShape, MOST_STEPS } from './shapes/header-shape.ts';
import { checkRecord } from './shapes/record-shapes.ts';
import { LONGEST_FAULT } from './shapes/shape.ts';
import { findUnsoundNumber } from './sound-numbers.ts';

const CHUNK_BYTES = 1 << 16;
/**
 * The lines of one second have some kilobytes. A longer line than this is not from a result, or would take too much
 * memory.
 */
const MAX_LINE_LENGTH = 1 << 24;

export interface ResultReading {
  header: AnyHeader;
  /** False: the file was cut off before the run's end. */
  complete: boolean;
}

/**
 * Reads a result, packed by gzip or not, with one line in memory at a time. Passes every record to `visit`, the header
 * first. A record of a type that this version does not know is passed on with only its numbers checked. A last line
 * that was cut off is left out, and the file is not `complete`.
 * Throws UsageError for a file that cannot be read, is no result, comes from a newer version, has a broken line (also
 * one for which `visit` throws), or lacks a line that must have been there.
 */
export function readResult(
  source: ResultSource,
  visit: (record: ResultRecord) => void,
): ResultReading {
  checkArgument('the first argument of readResult', source, SOURCE);
  checkArgument('the second argument of readResult', visit, VISIT);
  const path = nameSource(source);
  let header: AnyHeader | undefined;
  let complete = false;
  let steps = 0;
  const sequence = new RecordSequence();
  for (const line of readLines(source, path)) {
    const record = parseLine(path, line);
    if (record === undefined) break;
    if (header === undefined) header = checkHeader(path, record);
    else if (record.type === 'header') throw broken(path, line.number, 'a second header');
    else if (record.type === 'step') checkStepCount(path, line.number, ++steps);
    checkFields(path, line.number, record);
    checkSequence(path, line.number, sequence.check(record as ResultRecord));
    if (record.type === 'end') complete = true;
    visitRecord(path, line.number, record as ResultRecord, visit);
  }
  if (header === undefined) throw notResult(path, 'it is empty');
  return { header, complete };
}

const SOURCE: Kind = {
  expected: 'the path of a result file',
  fits: (value) =>
    (typeof value === 'string' && value !== '') ||
    (value as Partial<Exclude<ResultSource, string>> | null | undefined)?.bytes instanceof
      Uint8Array,
};
const VISIT: Kind = {
  expected: 'a function that takes each record',
  fits: (value) => typeof value === 'function',
};

/** Returns the name of the source for messages. */
export function nameSource(source: ResultSource): string {
  return typeof source === 'string' ? source : source.name;
}

interface Line {
  number: number;
  text: string;
  /** The line ends with a line feed. A line without one was not written to its end. */
  whole: boolean;
}

function* readLines(source: ResultSource, path: string): Generator<Line> {
  let number = 0;
  // Pieces of the current line. They are joined once, at the line's end.
  let pieces: string[] = [];
  let length = 0;
  for (const chunk of readChunks(source, path)) {
    const [first = '', ...others] = chunk.split('\n');
    pieces.push(first);
    length += first.length;
    if (length > MAX_LINE_LENGTH) throw notResult(path, `line ${number + 1} has no end`);
    for (const next of others) {
      yield { number: ++number, text: pieces.join(''), whole: true };
      pieces = [next];
      length = next.length;
    }
  }
  const rest = pieces.join('');
  if (rest !== '') yield { number: number + 1, text: rest, whole: false };
}

function* readChunks(source: ResultSource, path: string): Generator<string> {
  // A character may be split between two chunks.
  const decoder = new StringDecoder('utf8');
  for (const piece of readWhatIsThere(source, path)) {
    for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
      yield decoder.write(piece.subarray(at, at + CHUNK_BYTES));
    }
  }
}

function* readWhatIsThere(source: ResultSource, path: string): Generator<Buffer> {
  const pieces = readPieces(source);
  for (;;) {
    const next = tryNext(pieces, path);
    if (next.done === true) return;
    yield next.value;
  }
}

function tryNext(pieces: Iterator<Buffer>, path: string): IteratorResult<Buffer> {
  try {
    return pieces.next();
  } catch (error) {
    throw notReadable(path, error);
  }
}

type AnyRecord = { type: string };

/** Returns undefined for the line that was being written when the run was cut off. */
function parseLine(path: string, { number, text, whole }: Line): AnyRecord | undefined {
  const record = tryParse(text);
  if (isRecord(record)) return record;
  if (!whole && number > 1) return undefined;
  if (number === 1 && !BEGINS_AS_RESULT.test(text)) {
    throw notResult(path, whole ? NO_RECORD : `${NO_RECORD}, and has no end`);
  }
  if (!whole) throw cutInFirstLine(path);
  throw broken(path, number, 'not a record');
}

/**
 * Start of a connstorm header, which a changed file may have only in part:
 * `{"type":"header","version":2,"connstorm":"0.1.0"`.
 */
const BEGINS_AS_RESULT = /^.{0,20}(?:"header"|"version":\d|"connstorm":)/;
const NO_RECORD = 'its first line is no record';

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is AnyRecord {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  );
}

function checkHeader(path: string, record: AnyRecord): AnyHeader {
  if (record.type !== 'header')
    throw notResult(path, `it begins with "${record.type}", not a header`);
  const header = record as AnyHeader;
  const version: unknown = header.version;
  if (typeof version === 'number' && version > RESULT_VERSION) {
    const writer = typeof header.connstorm === 'string' ? ` (${header.connstorm})` : '';
    const message = `${path} has version ${version}, and a newer connstorm${writer} wrote it; this connstorm reads up to version ${RESULT_VERSION}: use a newer one`;
    throw new UsageError('RESULT_TOO_NEW', escapeControls(message));
  }
  if (version !== 1 && version !== 2 && version !== 3) {
    const found = version === undefined ? 'no version' : `the version ${JSON.stringify(version)}`;
    throw notResult(path, `its header has ${found.slice(0, LONGEST_FAULT)}, expected 1, 2 or 3`);
  }
  if (!header.environment || !isWhole(header)) {
    throw notResult(path, 'its header is not one of connstorm');
  }
  const fault = checkHeaderShape(header);
  if (fault !== undefined) throw broken(path, 1, describeFault(fault));
  return header;
}

function checkFields(path: string, line: number, record: AnyRecord): void {
  // Readers compute the summary anew and do not use the one in the file.
  if (record.type === 'summary') return;
  const fault = findUnsoundNumber(record) ?? checkRecord(record);
  if (fault !== undefined) throw broken(path, line, describeFault(fault));
}

function checkSequence(path: string, line: number, fault: string | undefined): void {
  if (fault !== undefined) throw broken(path, line, fault);
}

/** Returns the fault for a message. It begins with the field's path, without the leading dot. */
function describeFault(fault: string): string {
  const text = fault.replace(/^\./, '');
  return text.length <= LONGEST_FAULT ? text : `${text.slice(0, LONGEST_FAULT)}...`;
}

function checkStepCount(path: string, line: number, steps: number): void {
  if (steps > MOST_STEPS) throw broken(path, line, `more than ${MOST_STEPS} steps`);
}

function isWhole(header: AnyHeader): boolean {
  const { budgets = [], label = '' } = header;
  if (typeof label !== 'string') return false;
  if (!Array.isArray(budgets) || budgets.some((budget) => typeof budget !== 'string')) return false;
  if (header.version === 1 || (header.version === 3 && isLoneHeader(header))) {
    return describesRun(header as HeaderRecord);
  }
  const { variants, rounds } = header as VariantsHeaderRecord;
  if (!Array.isArray(variants) || !Array.isArray(rounds) || variants.length === 0) return false;
  return (
    variants.every((variant) => typeof variant?.name === 'string' && describesRun(variant)) &&
    rounds.every((round) => Array.isArray(round?.order))
  );
}

function describesRun({ plan, target }: Pick<HeaderRecord, 'plan' | 'target'>): boolean {
  return Array.isArray(plan?.steps) && Boolean(target?.server);
}

function visitRecord(
  path: string,
  number: number,
  record: ResultRecord,
  visit: (record: ResultRecord) => void,
): void {
  try {
    visit(record);
  } catch (error) {
    if (error instanceof ConnstormError) throw error;
    throw broken(path, number, (error as Error).message, error);
  }
}

const NOT_READ =
  'connstorm does not read damaged files (a file that is only cut off at its end can be read)';

function broken(path: string, line: number, why: string, cause?: unknown): UsageError {
  const message = `${escapeControls(path)}:${line} is damaged (${why}): ${NOT_READ}`;
  return new UsageError('RESULT_BROKEN', message, { cause });
}

function notResult(path: string, why: string): UsageError {
  return new UsageError(
    'NOT_A_RESULT',
    `${escapeControls(path)} is not a result of connstorm: ${why}`,
  );
}

/**
 * Returns the error for packed bytes that were changed. A missing end is no zlib error here; see unpack in pieces.ts.
 */
function packedBadly(path: string, cause: unknown): UsageError {
  const message = `${escapeControls(path)} is damaged (what gzip packed was changed): ${NOT_READ}`;
  return new UsageError('RESULT_NOT_READABLE', message, { cause });
}

function describeMissing(path: string): string {
  const nearby = findNearby(path);
  const hint = nearby === undefined ? '' : `; did you mean \`${escapeControls(nearby)}\`?`;
  return `there is no such file${hint}`;
}

function cutInFirstLine(path: string): UsageError {
  return new UsageError(
    'NOT_A_RESULT',
    `${escapeControls(path)} is cut off in its first line: connstorm needs at least that line`,
  );
}

function notReadable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: describeMissing(path),
    EACCES: 'no permission',
    EISDIR: 'it is a folder',
    ERR_BUFFER_TOO_LARGE: `it unpacks to more than ${MOST_UNPACKED_BYTES >> 20} MiB: unpack it first`,
  };
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') return packedBadly(path, error);
  const why = reasons[code ?? ''] ?? (error as Error).message;
  return new UsageError('RESULT_NOT_READABLE', `${escapeControls(path)} cannot be read: ${why}`, {
    cause: error,
  });
}
