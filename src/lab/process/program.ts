import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import type { ServerAccount } from './server-account.ts';

/** The end of a program of the lab: its exit code, or the signal that ended it. */
export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  child: ChildProcess;
  ended: Promise<ProgramEnd>;
}

export interface ProgramOptions {
  /** undefined: this process's own account. */
  account: ServerAccount | undefined;
  /** Variables in addition to the few that every program of the lab gets. */
  env?: Record<string, string>;
  /** Whether others write to the same log. If so, the program appends to it instead of starting it anew. */
  sharesLog?: boolean;
  /** The CPUs that the program and what it forks may use, in taskset's form, such as `0,2-3`. Absent: all. Needs taskset. */
  cpus?: string | undefined;
}

/**
 * Starts a program of the lab. Both its outputs go to the file `logPath`, from its beginning unless it is shared. A
 * pipe would not do: without a reader the server stalls. The program leads its own session, so that the terminal's
 * Ctrl-C does not reach it. It does not keep this process alive.
 *
 * @throws the system's error if it cannot be started
 */
export async function startProgram(
  file: string,
  args: readonly string[],
  logPath: string,
  { account, env = {}, sharesLog = false, cpus }: ProgramOptions,
): Promise<Program> {
  const log = await open(logPath, sharesLog ? 'a' : 'w', 0o600);
  try {
    const options = runAs(account);
    // taskset sets the CPUs of its own process and then becomes the program, so the pid stays.
    const [command, ...all] =
      cpus === undefined ? [file, ...args] : ['taskset', '--cpu-list', cpus, file, ...args];
    const child = spawn(command, all, {
      ...options,
      env: { ...options.env, ...env },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const ended = new Promise<ProgramEnd>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await once(child, 'spawn');
    child.unref();
    return { child, ended };
  } finally {
    await log.close();
  }
}

/**
 * Returns options for spawning under `account`, without our PG* variables. It may not be allowed to enter our working
 * directory, so it starts in `/`.
 */
export function runAs(account: ServerAccount | undefined) {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return {
    cwd: '/',
    // C: the lab reads the server's messages, and in English.
    env: { LC_ALL: 'C', PATH, LD_LIBRARY_PATH },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

/** Describes an end for people: `ended with code 1` or `was ended by SIGKILL`. */
export function describeEnd({ code, signal }: ProgramEnd): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

/**
 * Returns the last lines of a log that say something, in one line, without their time stamps; empty if there are none.
 */
export async function readLogTail(logPath: string, lines = 3): Promise<string> {
  const log = await readFile(logPath, 'utf8').catch(() => '');
  return log
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('LOG:  database system is shut down'))
    .slice(-lines)
    .join(' | ');
}
