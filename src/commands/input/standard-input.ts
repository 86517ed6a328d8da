import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { UsageError } from '../../errors.ts';
import {
  isGzip,
  MOST_UNPACKED_BYTES,
  type ResultSource,
  unpack,
} from '../../result/read/pieces.ts';
import type { Override } from '../../scenario/file/overrides.ts';
import { type LoadedScenario, readScenario, readScenarioBytes } from '../../scenario/file/read.ts';
import { writeMessage } from '../../wrap-text.ts';
import type { CommandIo } from '../command.ts';
import { refuseConnectionString } from './misplaced-target.ts';

/** Names standard input among the files of a command. */
const STDIN = '-';
const NAME = 'standard input';

/**
 * The results that a command is given, where `-` is standard input.
 * @throws UsageError for two `-`, for a connection string, and for an input that cannot be read
 */
export async function openResults(
  paths: readonly string[],
  io: CommandIo,
): Promise<ResultSource[]> {
  refuseTwice(paths);
  refuseEmpty(paths, 'a result file');
  for (const path of paths) {
    if (!existsSync(path)) refuseConnectionString(path, 'a result file');
  }
  return Promise.all(
    paths.map(async (path) =>
      path === STDIN ? { name: NAME, bytes: await readStandardInput(io) } : path,
    ),
  );
}

/** How a command reads the scenarios that it is given, by name, path or `-`. Throws UsageError as above. */
export async function openScenarios(
  names: readonly string[],
  io: CommandIo,
): Promise<(name: string, overrides?: readonly Override[]) => LoadedScenario> {
  refuseTwice(names);
  refuseEmpty(names, 'a scenario, by its name or file,');
  if (!names.includes(STDIN)) return readScenario;
  const bytes = unpackIfPacked(await readStandardInput(io));
  return (name, overrides) =>
    name === STDIN ? readScenarioBytes(bytes, 'stdin', overrides) : readScenario(name, overrides);
}

/** How messages name a scenario that a command is given. */
export function nameScenario(name: string): string {
  return name === STDIN ? '<stdin>' : name;
}

/** Standard input for a person's answers: empty where `name` says that it is the scenario. */
export function answersBeside(name: unknown, { stdin }: CommandIo): CommandIo['stdin'] {
  return name === STDIN ? Readable.from([]) : stdin;
}

function refuseTwice(names: readonly string[]): void {
  if (names.filter((name) => name === STDIN).length < 2) return;
  throw new UsageError('STDIN_TWICE', 'standard input (-) can be read only once: name - once');
}

/** As a variable of a script is that nothing was put into. */
function refuseEmpty(names: readonly string[], what: string): void {
  if (!names.includes('')) return;
  throw new UsageError('BAD_OPTIONS', `${what} is expected here, got an empty text`);
}

async function readStandardInput({ stdin, stderr, env }: CommandIo): Promise<Buffer> {
  if (stdin.isTTY === true) {
    writeMessage(stderr, 'reading standard input; Ctrl-D ends it', env);
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of stdin) {
      pieces.push(Buffer.from(piece));
      bytes += piece.length;
      if (bytes > MOST_UNPACKED_BYTES) throw new Error('it is too large');
    }
  } catch (cause) {
    const message = `${NAME} cannot be read: ${(cause as Error).message}`;
    throw new UsageError('STDIN_NOT_READABLE', message, { cause });
  }
  return Buffer.concat(pieces);
}

function unpackIfPacked(bytes: Buffer): Buffer {
  if (!isGzip(bytes)) return bytes;
  try {
    return unpack(bytes);
  } catch (cause) {
    const message = `${NAME} is packed by gzip and cannot be unpacked: ${(cause as Error).message}`;
    throw new UsageError('STDIN_NOT_READABLE', message, { cause });
  }
}
