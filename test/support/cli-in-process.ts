import { runCommandLine } from '../../src/cli.ts';
import { captureIo } from '../commands/captured-io.ts';
import type { CliResult } from './cli.ts';

/**
 * A command line without a process of its own, and without a variable of this one's environment. `stdin`: what comes
 * from standard input, which ends then.
 */
export async function runInProcess(
  args: string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string | Uint8Array } = {},
): Promise<CliResult> {
  const { io, readStdout, readStderr } = captureIo();
  io.stdin.end(stdin);
  const code = await runCommandLine(args, { ...io, env: { PGPASSFILE: '/nonexistent', ...env } });
  return { code, stdout: readStdout(), stderr: readStderr() };
}
