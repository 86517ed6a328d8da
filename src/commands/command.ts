import type { Argv } from 'yargs';
import type { ExitReason } from '../errors.ts';

/** Where a command reads and writes; tests pass their own. */
export interface CommandIo {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  env: Record<string, string | undefined>;
}

/** The options as yargs parsed them: unchecked (numbers may be NaN, repeated flags are arrays). */
export type CommandArgs = Record<string, unknown>;

/** One command of the CLI. It prints through `io`, throws ConnstormError, and never sets the exit code itself. */
export interface Command {
  /** As yargs reads it, e.g. `run [scenario]`. */
  usage: string;
  summary: string;
  /** Whether its standard output is meant to hold passwords; absent: they are masked there, as they are everywhere else. */
  printsSecrets?: boolean;
  /** Declares flags and positionals. */
  options(yargs: Argv): Argv;
  /** Resolves with everything that holds for the exit code; empty when all is well. */
  execute(args: CommandArgs, io: CommandIo): Promise<ExitReason[]>;
}
