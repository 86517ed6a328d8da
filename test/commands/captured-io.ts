import { PassThrough } from 'node:stream';
import type { CommandIo } from '../../src/commands/command.ts';

/** Streams whose text is kept; `env` is empty, and nothing comes from standard input. */
export function captureIo(): {
  io: CommandIo & { stdin: PassThrough };
  readStdout: () => string;
  readStderr: () => string;
} {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdout, stderr, stdin: new PassThrough(), env: {} };
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { io, readStdout: () => read(stdout), readStderr: () => read(stderr) };
}
