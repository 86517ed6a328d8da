import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
const PIECE_BYTES = 1 << 16;

/** Returns whether a path is a named pipe, such as the /dev/fd/63 that a shell makes of `<(command)`. */
export function isNamedPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

/**
 * Reads a pipe until its writers have closed it. A shell's pipe has a writer from the beginning. If another pipe has no
 * writer yet, `waiting` is called. The pipe is polled, because a read that blocks would not notice Ctrl-C. Throws the
 * system's error, and an error for more than `mostBytes`.
 */
export async function readNamedPipe(
  path: string,
  { mostBytes, waiting }: { mostBytes: number; waiting: () => void },
): Promise<Buffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const pieces: Buffer[] = [];
  let bytes = 0;
  let hasWriter = isOfShell(path);
  let isTold = false;
  try {
    for (;;) {
      const piece = readPiece(fd);
      if (piece === undefined || piece.length > 0) hasWriter = true;
      else if (hasWriter) return Buffer.concat(pieces);
      else if (!isTold) {
        isTold = true;
        waiting();
      }
      if (piece === undefined || piece.length === 0) await delay(POLL_MS);
      else pieces.push(piece);
      bytes += piece?.length ?? 0;
      if (bytes > mostBytes) throw new Error('it is too large');
    }
  } finally {
    closeSync(fd);
  }
}

/** Returns whether a path is a shell's pipe, as bash and zsh name them. */
function isOfShell(path: string): boolean {
  return /^\/(?:dev|proc\/(?:self|\d+))\/fd\/\d+$/.test(path);
}

/**
 * Returns what can be read now: an empty buffer if there is no writer, undefined if a writer has written nothing more
 * yet.
 */
function readPiece(fd: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, null));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
