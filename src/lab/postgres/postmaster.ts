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
  /** Sends it a signal. Does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves as soon as it has ended for any reason. */
  gone: Promise<void>;
  /** Resolves soon afterwards, with one line for people that says how it ended. */
  ended: Promise<string>;
}

export interface PostmasterOptions {
  /** What messages call it, e.g. `Postgres`. */
  name: string;
  /** The lab's folder. */
  folder: string;
  dataFolder: string;
  binaries: Binaries;
  account: ServerAccount | undefined;
  /** Path of a library that is loaded ahead of the server's own; absent: none. */
  preload?: string;
  /** The CPUs that the server may use, in taskset's form; absent: all. */
  cpus?: string | undefined;
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
  for (let attempt = 1; ; attempt++) {
    const started = await startOn(choosePort(), options, { sharesLog: false });
    if ('pid' in started) return started;
    if (attempt === PORT_ATTEMPTS || !(await wasPortTaken(started.logPath))) {
      throw await failedStart(options, started);
    }
  }
}

/**
 * Starts a server again that has ended, on the port that it had. Its log goes on. Resolves when it accepts connections.
 *
 * @throws ConnstormError with the end of the server's log if it does not start
 */
export async function restartPostmaster(
  options: PostmasterOptions,
  port: number,
): Promise<Postmaster> {
  const started = await startOn(port, options, { sharesLog: true });
  if ('pid' in started) return started;
  throw await failedStart(options, started);
}

/** How a server ended, and where it said why. */
interface ServerEnd {
  end: ProgramEnd;
  logPath: string;
}

async function startOn(
  port: number,
  { name, folder, dataFolder, binaries, account, preload, cpus }: PostmasterOptions,
  { sharesLog }: { sharesLog: boolean },
): Promise<Postmaster | ServerEnd> {
  const logPath = join(folder, 'postgres.log');
  const args = ['-D', dataFolder, '-p', String(port)];
  const program = await startProgram(binaries.postgres, args, logPath, {
    account,
    sharesLog,
    cpus,
    ...(preload === undefined ? {} : { env: { LD_PRELOAD: preload } }),
  });
  const end = await waitUntilReady(program, dataFolder, name);
  return end === undefined ? createPostmaster(program, port, logPath) : { end, logPath };
}

/** Resolves with undefined when the server is ready, or with its end. */
async function waitUntilReady(
  program: Program,
  dataFolder: string,
  name: string,
): Promise<ProgramEnd | undefined> {
  let end: ProgramEnd | undefined;
  program.ended.then((value) => {
    end = value;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (end === undefined) {
    if (await isReady(program, dataFolder)) return undefined;
    if (performance.now() > deadline) throw tooSlow(name);
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
  const { child } = program;
  if (child.pid === undefined) throw new Error('a started program has a pid');
  return {
    pid: child.pid,
    port,
    logPath,
    kill: (signal) => {
      child.kill(signal);
    },
    gone: program.ended.then(() => {}),
    ended: program.ended.then((end) => describeServerEnd({ end, logPath })),
  };
}

async function describeServerEnd({ end, logPath }: ServerEnd): Promise<string> {
  return `it ${describeEnd(end)}, its log ends: ${await readLogTail(logPath)}`;
}

async function failedStart(
  { name, binaries }: PostmasterOptions,
  failed: ServerEnd,
): Promise<ConnstormError> {
  const why = await describeServerEnd(failed);
  return new ConnstormError(
    'internal',
    'LAB_START',
    `the lab's ${name} ${binaries.version} did not start: ${why}`,
  );
}

function tooSlow(name: string): ConnstormError {
  const message = `the lab's ${name} was not ready within ${START_TIMEOUT_MS / 1000} s`;
  return new ConnstormError('internal', 'LAB_START', message);
}
