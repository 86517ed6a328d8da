import { runCommandLine } from '../../src/cli.ts';
import { captureIo } from '../commands/captured-io.ts';
import type { CliResult } from './cli.ts';

/** A command line without a process of its own, with `env` in the place of this one's environment. */
export async function runInProcess(
  args: string[],
  env: Record<string, string> = {},
): Promise<CliResult> {
  const { io, readStdout, readStderr } = captureIo();
  const code = await runCommandLine(args, { ...io, env: { PGPASSFILE: '/nonexistent', ...env } });
  return { code, stdout: readStdout(), stderr: readStderr() };
}
