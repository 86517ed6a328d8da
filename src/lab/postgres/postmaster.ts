import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnstormError } from '../../errors.ts';
import { chooseRandomPort, PORT_ATTEMPTS } from '../process/port.ts';
import {
  describeEnd,
  type Program,
  type ProgramEnd,
  readLogTail,
  startProgram,
} from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import type { Binaries } from './binaries.ts';

export interface Postmaster {
  pid: number;
  port: number;
  logPath: string;
  /** Resolves with one line for people when the server has ended for any reason. */
  ended: Promise<string>;
}

export interface PostmasterOptions {
  /** The lab's folder. */
  folder: string;
  dataFolder: string;
  binaries: Binaries;
  account: ServerAccount | undefined;
  /** Path of a library that is loaded ahead of the server's own; absent: none. */
  preload?: string;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 5;

/**
 * Starts the server on a random port of 127.0.0.1, and waits until it accepts connections. Only the start itself shows
 * whether a port is taken, so no other program can take it between a check and its use.
 *
 * @throws ConnstormError with the end of the server's log if it does not start
 */
export async function startPostmaster(
  options: PostmasterOptions,
  choosePort: () => number = chooseRandomPort,
): Promise<Postmaster> {
  const logPath = join(options.folder, 'postgres.log');
  for (let attempt = 1; ; attempt++) {
    const port = choosePort();
    const args = ['-D', options.dataFolder, '-p', String(port)];
    const { binaries, account, preload } = options;
    const program = await startProgram(binaries.postgres, args, logPath, {
      account,
      ...(preload === undefined ? {} : { env: { LD_PRELOAD: preload } }),
    });
    const end = await waitUntilReady(program, options.dataFolder);
    if (end === undefined) return createPostmaster(program, port, logPath);
    if (attempt === PORT_ATTEMPTS || !(await wasPortTaken(logPath))) {
      throw failedStart(options.binaries, await describeServerEnd(end, logPath));
    }
  }
}

/** Resolves with undefined when the server is ready, or with its end. */
async function waitUntilReady(
  program: Program,
  dataFolder: string,
): Promise<ProgramEnd | undefined> {
  let end: ProgramEnd | undefined;
  program.ended.then((value) => {
    end = value;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (end === undefined) {
    if (await isReady(program, dataFolder)) return undefined;
    if (performance.now() > deadline) throw tooSlow();
    await delay(POLL_MS);
  }
  return end;
}

/**
 * Returns whether the server is ready, as pg_ctl does: line 1 of postmaster.pid is the server's pid, line 8 its state.
 */
async function isReady(program: Program, dataFolder: string): Promise<boolean> {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return Number(lines[0]) === program.child.pid && lines[7]?.trim() === 'ready';
}

async function wasPortTaken(logPath: string): Promise<boolean> {
  return (await readLogTail(logPath, 20)).includes('could not bind');
}

function createPostmaster(program: Program, port: number, logPath: string): Postmaster {
  const { pid } = program.child;
  if (pid === undefined) throw new Error('a started program has a pid');
  const ended = program.ended.then((end) => describeServerEnd(end, logPath));
  return { pid, port, logPath, ended };
}

async function describeServerEnd(end: ProgramEnd, logPath: string): Promise<string> {
  return `it ${describeEnd(end)}, its log ends: ${await readLogTail(logPath)}`;
}

function failedStart({ version }: Binaries, why: string): ConnstormError {
  return new ConnstormError(
    'internal',
    'LAB_START',
    `the lab's Postgres ${version} did not start: ${why}`,
  );
}

function tooSlow(): ConnstormError {
  const message = `the lab's Postgres was not ready within ${START_TIMEOUT_MS / 1000} s`;
  return new ConnstormError('internal', 'LAB_START', message);
}
