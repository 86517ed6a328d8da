import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConnstormError } from '../../errors.ts';

export interface InstantServer {
  /** A port of 127.0.0.1. */
  port: number;
  pid: number;
  /** Stops the server; may be called twice. The server also ends when this process ends in any way. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./instant-server.main.js', import.meta.url));

/**
 * Starts the server of instant-server.main.ts in its own process, so that it takes neither a worker's thread nor its
 * CPU time. The process leads its own session, so that the terminal's Ctrl-C does not reach it. Throws ConnstormError
 * `INSTANT_SERVER` if it does not start.
 */
export async function startInstantServer(): Promise<InstantServer> {
  const child = spawn(process.execPath, [MAIN], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  const port = await Promise.race([readPort(child), exit.then(() => Number.NaN)]);
  const { pid } = child;
  if (pid === undefined || !Number.isSafeInteger(port)) {
    const message = `the server of calibrate did not start: ${process.execPath} ${MAIN}`;
    throw new ConnstormError('internal', 'INSTANT_SERVER', message);
  }
  return {
    port,
    pid,
    stop: async () => {
      child.stdin?.end();
      await exit;
    },
  };
}

async function readPort({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) return Number.NaN;
  const [line] = await once(stdout, 'data');
  return Number(line);
}
