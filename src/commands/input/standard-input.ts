import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { escapeControls } from '../../controls.ts';
import { UsageError } from '../../errors.ts';
import { MOST_UNPACKED_BYTES, type ResultSource } from '../../result/read/pieces.ts';
import { findBuiltIn } from '../../scenario/file/built-ins.ts';
import type { Override } from '../../scenario/file/overrides.ts';
import { type LoadedScenario, readScenario, readScenarioBytes } from '../../scenario/file/read.ts';
import { writeMessage } from '../../wrap-text.ts';
import type { CommandIo } from '../command.ts';
import { refuseConnectionString } from './misplaced-target.ts';
import { isNamedPipe, readNamedPipe } from './named-pipe.ts';

/** The name of standard input among the files of a command. */
const STDIN = '-';
const NAME = 'standard input';

/**
 * Opens the results that a command is given. `-` is standard input.
 *
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

/**
 * Reads pipes and standard input, and returns a function that reads a scenario by name, path or `-`. Throws UsageError
 * for two `-`, for an empty name, and for an input that cannot be read.
 */
export async function openScenarios(
  names: readonly string[],
  io: CommandIo,
): Promise<(name: string, overrides?: readonly Override[]) => LoadedScenario> {
  refuseTwice(names);
  refuseEmpty(names, 'a scenario, by its name or file,');
  const isRead = (name: string): boolean =>
    name === STDIN || (findBuiltIn(name) === undefined && isNamedPipe(name));
  const read = new Map<string, Buffer>();
  for (const name of new Set(names.filter(isRead))) {
    const bytes = name === STDIN ? await readStandardInput(io) : await readPipe(name, io);
    read.set(name, bytes);
  }
  return (name, overrides) => {
    const bytes = read.get(name);
    if (bytes === undefined) return readScenario(name, overrides);
    return readScenarioBytes(bytes, name === STDIN ? '<stdin>' : name, overrides);
  };
}

async function readPipe(path: string, { stderr, env }: CommandIo): Promise<Buffer> {
  const waiting = (): void =>
    writeMessage(stderr, `waiting until somebody writes to ${escapeControls(path)}`, env);
  try {
    return await readNamedPipe(path, { mostBytes: MOST_UNPACKED_BYTES, waiting });
  } catch (cause) {
    const message = `${escapeControls(path)} cannot be read: ${(cause as Error).message}`;
    throw new UsageError('SCENARIO_UNREADABLE', message, { cause });
  }
}

/** Returns how messages name a scenario that a command is given. */
export function nameScenario(name: string): string {
  return name === STDIN ? '<stdin>' : name;
}

/** Returns standard input for a person's answers; an empty stream if the scenario comes from standard input. */
export function answersBeside(name: unknown, { stdin }: CommandIo): CommandIo['stdin'] {
  return name === STDIN ? Readable.from([]) : stdin;
}

function refuseTwice(names: readonly string[]): void {
  if (names.filter((name) => name === STDIN).length < 2) return;
  throw new UsageError('STDIN_TWICE', 'standard input (-) can be read only once: give - only once');
}

/** Throws UsageError for an empty name, as an unset variable of a script leaves it. */
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
