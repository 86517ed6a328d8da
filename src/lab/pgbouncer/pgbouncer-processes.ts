import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnstormError } from '../../errors.ts';
import { describeEnd, type Program, readLogTail, startProgram } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';

/** One PgBouncer, or several that share a port. */
export interface PgBouncerProcesses {
  pids: number[];
  /** PgBouncer's version, e.g. `1.18.0`. */
  version: string;
  /** Resolves with one line for people when one of them has ended for any reason. */
  oneEnded: Promise<string>;
  /** Ends all of them. Resolves when they have ended. */
  end(): Promise<void>;
}

export interface ProcessesOptions {
  /** Path of the program. */
  file: string;
  iniPath: string;
  /** The log of all processes. */
  logPath: string;
  account: ServerAccount | undefined;
  cpus?: string | undefined;
  count: number;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

/**
 * Starts the processes. Resolves when all of them listen.
 *
 * @throws ConnstormError with the end of their log if one does not start; then none is left
 */
export async function startProcesses(options: ProcessesOptions): Promise<PgBouncerProcesses> {
  const { file, iniPath, logPath, account, cpus, count } = options;
  const programs: Program[] = [];
  try {
    while (programs.length < count) {
      const how = { account, cpus, sharesLog: true };
      programs.push(await startProgram(file, [iniPath], logPath, how));
    }
    const oneEnded = Promise.race(programs.map((program) => describeProgramEnd(program, logPath)));
    const version = await waitUntilUp(programs, oneEnded, logPath);
    const pids = programs.flatMap(({ child }) => child.pid ?? []);
    return { pids, version, oneEnded, end: () => endAll(programs) };
  } catch (error) {
    await endAll(programs);
    throw error instanceof ConnstormError ? error : failedStart(String(error), error);
  }
}

/** Waits until all processes listen. Resolves with their version. */
async function waitUntilUp(
  programs: readonly Program[],
  oneEnded: Promise<string>,
  logPath: string,
): Promise<string> {
  let end: string | undefined;
  void oneEnded.then((how) => {
    end = how;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (end === undefined) {
    const log = await readFile(logPath, 'utf8');
    const versions = programs.map(({ child }) => findVersion(log, child.pid));
    const [version] = versions;
    if (version !== undefined && !versions.includes(undefined)) return version;
    if (performance.now() > deadline) {
      throw failedStart(`it was not up within ${START_TIMEOUT_MS / 1000} s`);
    }
    await delay(POLL_MS);
  }
  throw failedStart(end);
}

/** Returns the version from the log. A process writes that line once it listens. */
function findVersion(log: string, pid: number | undefined): string | undefined {
  return new RegExp(`\\[${pid}\\] LOG process up: PgBouncer ([^\\s,]+)`).exec(log)?.[1];
}

async function describeProgramEnd({ ended }: Program, logPath: string): Promise<string> {
  const end = await ended;
  return `it ${describeEnd(end)}, its log ends: ${await readLogTail(logPath)}`;
}

/**
 * Ends the processes by SIGKILL, which leaves nothing behind. In some versions their other signals wait for clients.
 */
async function endAll(programs: readonly Program[]): Promise<void> {
  for (const { child } of programs) {
    child.ref();
    child.kill('SIGKILL');
  }
  await Promise.all(programs.map(({ ended }) => ended));
}

export function failedStart(why: string, cause?: unknown): ConnstormError {
  const message = `the lab's PgBouncer did not start: ${why}`;
  return new ConnstormError('internal', 'LAB_PGBOUNCER', message, { cause });
}
