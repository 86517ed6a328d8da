import { PassThrough } from 'node:stream';
import type { CommandIo } from '../../src/commands/command.ts';

/** Streams whose text is kept; `env` is empty, and nothing comes from standard input. */
export function captureIo(): { io: CommandIo; readStdout: () => string } {
  const stdout = new PassThrough();
  const io = { stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {} };
  return { io, readStdout: () => (stdout.read() as Buffer | null)?.toString() ?? '' };
}
