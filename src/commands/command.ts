import type { Argv } from 'yargs';
import type { ExitReason } from '../errors.ts';

/** Where a command reads and writes. Tests pass their own streams. */
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
  /** Usage in the form that yargs reads, e.g. `run [scenario]`. */
  usage: string;
  summary: string;
  /** Whether standard output may contain passwords. Absent: they are masked there, as everywhere else. */
  printsSecrets?: boolean;
  /** Declares flags and positionals. */
  options(yargs: Argv): Argv;
  /** Resolves with all reasons that bear on the exit code; empty if all is well. */
  execute(args: CommandArgs, io: CommandIo): Promise<ExitReason[]>;
}
