import { runCommandLine } from '../../../src/cli.ts';
import { captureIo } from '../../commands/captured-io.ts';
import type { CliResult } from './cli.ts';

export interface InProcess {
  env?: Record<string, string>;
  /** What comes from standard input, which ends then. */
  stdin?: string | Uint8Array;
  /** Standard input is a terminal. */
  isTerminal?: boolean;
  /** Standard error is a terminal. */
  isErrorTerminal?: boolean;
  /** The width of the terminal that standard output is; absent: it is a pipe. */
  columns?: number;
}

/** A command line without a process of its own, and without a variable of this one's environment. */
export async function runInProcess(
  args: string[],
  { env = {}, stdin = '', isTerminal = false, isErrorTerminal = false, columns }: InProcess = {},
): Promise<CliResult> {
  const { io, readStdout, readStderr } = captureIo();
  io.stdin.end(stdin);
  Object.assign(io.stdin, { isTTY: isTerminal });
  Object.assign(io.stderr, { isTTY: isErrorTerminal });
  if (columns !== undefined) Object.assign(io.stdout, { columns, isTTY: true });
  const code = await runCommandLine(args, { ...io, env: { PGPASSFILE: '/nonexistent', ...env } });
  return { code, stdout: readStdout(), stderr: readStderr() };
}
