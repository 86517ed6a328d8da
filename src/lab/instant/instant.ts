import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConnstormError } from '../../errors.ts';

export interface InstantServer {
  /** On 127.0.0.1. */
  port: number;
  pid: number;
  /** May be called twice. It also ends with this process, however that ends. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./instant-server.main.js', import.meta.url));

/**
 * Starts the server of instant-server.main.ts in a process of its own: it must not share a worker's thread or CPU time. It leads a session of
 * its own, so that the terminal's Ctrl-C does not reach it.
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
