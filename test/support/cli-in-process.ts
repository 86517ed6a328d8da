import { runCommandLine } from '../../src/cli.ts';
import { captureIo } from '../commands/captured-io.ts';
import type { CliResult } from './cli.ts';

/** A command line without a process of its own, and without a variable of this one's environment. */
export async function runInProcess(args: string[]): Promise<CliResult> {
  const { io, readStdout, readStderr } = captureIo();
  const code = await runCommandLine(args, { ...io, env: { PGPASSFILE: '/nonexistent' } });
  return { code, stdout: readStdout(), stderr: readStderr() };
}
