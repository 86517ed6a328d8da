import { readFileSync, type Stats, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { escapeControls } from '../../controls.ts';
import { UsageError } from '../../errors.ts';
import { isGzip } from '../../model/gzip.ts';
import { checkArgument, type Kind } from '../../options.ts';
import { suggestNearest } from '../nearest.ts';
import type { ScenarioFile } from '../plan/variants.ts';
import { findBuiltIn, listBuiltIns } from './built-ins.ts';
import type { Override } from './overrides.ts';
import { parseScenario } from './parse.ts';
import { findCommands, listForTrust, nameCommand } from './trust.ts';

export interface LoadedScenario extends ScenarioFile {
  /** Name of the built-in scenario, or of the file without its ending. */
  name: string;
  /** Absolute path; a name in angle brackets for standard input; the pipe's path for a pipe. */
  path: string;
  /** Paths of the fields that were set by `--set`, other flags or CONNSTORM_*; absent: none. */
  flagged?: readonly string[];
  /**
   * Settings of the lab and commands of events that need no consent, because a built-in scenario's own file sets them to
   * these values, as `path=value` with the value in JSON; absent: none.
   */
  trusted?: readonly string[];
}

/** A scenario is a page of text; a far larger file is no scenario. */
const MAX_BYTES = 65_536;

/**
 * Reads a built-in scenario or a file (YAML or JSON, packed by gzip or not), and applies overrides.
 * @param overrides weakest first
 * @throws UsageError `SCENARIO_INVALID` with all problems, one line each; `SCENARIO_NOT_FOUND`; `SCENARIO_UNREADABLE`
 */
export function readScenario(
  nameOrPath: string,
  overrides: readonly Override[] = [],
): LoadedScenario {
  checkArgument('the first argument of readScenario', nameOrPath, NAME);
  checkArgument('the second argument of readScenario', overrides, OVERRIDES);
  const builtIn = findBuiltIn(nameOrPath);
  const path = builtIn?.path ?? resolve(nameOrPath);
  const shownAs =
    builtIn === undefined
      ? escapeControls(nameOrPath)
      : `scenarios/${builtIn.folder}/${basename(builtIn.path)}`;
  const text = readText(path, escapeControls(nameOrPath));
  const file = parseScenario(text, shownAs, overrides);
  const flagged = overrides.map((override) => override.path);
  // A value that overrides set over a built-in file does not count as the file's own.
  const own = builtIn === undefined ? [] : parseScenario(text, shownAs).variants;
  const trusted = [...listForTrust(own), ...findCommands(own).map(nameCommand)];
  return { name: nameFile(path), path, ...file, flagged, trusted };
}

const NAME: Kind = {
  expected: "a built-in scenario's name or a file's path",
  fits: (value) => typeof value === 'string' && value !== '',
};
const OVERRIDES: Kind = {
  expected: 'a list of overrides, as in [{ path, value, source }]',
  fits: (value) => Array.isArray(value) && value.every(isOverride),
};

/** Returns whether a value is an override. Its three fields must be text, even the value. */
function isOverride(value: Partial<Override> | null | undefined): boolean {
  return [value?.path, value?.value, value?.source].every((text) => typeof text === 'string');
}

/**
 * Parses a scenario that has already been read, from standard input or a pipe, as `readScenario` does.
 * @param from the pipe's path, or a name in angle brackets
 */
export function readScenarioBytes(
  bytes: Uint8Array,
  from: string,
  overrides: readonly Override[] = [],
): LoadedScenario {
  const shownAs = escapeControls(from);
  const file = parseScenario(readBytes(bytes, shownAs), shownAs, overrides);
  const flagged = overrides.map(({ path }) => path);
  return { name: nameOf(from), path: from, ...file, flagged };
}

/** Returns the scenario's name: the file's or the pipe's. A shell's pipe has only a number, so it is named `pipe`. */
function nameOf(from: string): string {
  const name = /^<(.*)>$/.exec(from)?.[1] ?? nameFile(from);
  return /^\d+$/.test(name) ? 'pipe' : name;
}

function nameFile(path: string): string {
  const unpacked = path.replace(/\.gz$/i, '');
  return basename(unpacked, extname(unpacked));
}

function readText(path: string, shownAs: string): string {
  const stats = statFile(path, shownAs);
  if (!stats.isFile()) throw unreadable(shownAs, describeOther(stats));
  refuseLarge(stats.size, shownAs);
  try {
    return readBytes(readFileSync(path), shownAs);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw unreadable(shownAs, `cannot be read: ${describeCause(cause)}`, cause);
  }
}

/** Describes what the path is if it is no file. The command line reads pipes itself, before this is called. */
function describeOther(stats: Stats): string {
  if (stats.isDirectory()) return 'is a folder: name a scenario file in it';
  return stats.isFIFO()
    ? 'is a pipe, which readScenario does not read: give its content to loadScenario, or in a file'
    : 'is a device or a socket, not a file: name a scenario file';
}

function refuseLarge(bytes: number, shownAs: string): void {
  if (bytes <= MAX_BYTES) return;
  const why = `is too large for a scenario: ${bytes} bytes, at most ${MAX_BYTES}`;
  throw unreadable(shownAs, why);
}

/** Returns the text, which may be packed by gzip. */
function readBytes(bytes: Uint8Array, shownAs: string): string {
  refuseLarge(bytes.length, shownAs);
  return decodeText(isGzip(bytes) ? unpack(bytes, shownAs) : bytes, shownAs);
}

/** Unpacks gzip. It never returns a part: a scenario that is cut off may be a different scenario. */
function unpack(bytes: Uint8Array, shownAs: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const whys: Record<string, string> = {
      ERR_BUFFER_TOO_LARGE: `is too large for a scenario: it unpacks to more than ${MAX_BYTES} bytes`,
      Z_BUF_ERROR: 'is cut off: what gzip packed has no end',
    };
    const why = whys[code ?? ''] ?? 'is damaged (what gzip packed was changed)';
    throw unreadable(shownAs, why, cause);
  }
}

function decodeText(bytes: Uint8Array, shownAs: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(shownAs, 'is not UTF-8 text', cause);
  }
}

function statFile(path: string, shownAs: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw notFound(shownAs);
    throw unreadable(shownAs, `cannot be read: ${describeCause(cause)}`, cause);
  }
}

function notFound(name: string): UsageError {
  const names = listBuiltIns().map((builtIn) => builtIn.name);
  const known = `neither a file nor built in (${names.join(', ')})`;
  const message = `no scenario \`${name}\`: ${known}${suggestNearest(name, names)}`;
  return new UsageError('SCENARIO_NOT_FOUND', message);
}

function unreadable(shownAs: string, why: string, cause?: unknown): UsageError {
  return new UsageError('SCENARIO_UNREADABLE', `${shownAs} ${why}`, { cause });
}

function describeCause(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  return code ?? String(cause);
}
