import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import type { ServerAccount } from './server-account.ts';

/** How a program of the lab ended: its exit code, or the signal that ended it. */
export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  child: ChildProcess;
  ended: Promise<ProgramEnd>;
}

export interface ProgramOptions {
  /** undefined: our own. */
  account: ServerAccount | undefined;
  /** Beside the few variables that every program of the lab has. */
  env?: Record<string, string>;
  /** Others write to the same log: after what is there, not from its beginning. */
  sharesLog?: boolean;
}

/**
 * Starts a program of the lab, both its outputs going to the file `logPath`, from its beginning unless it shares it. A pipe would not do:
 * once nobody reads it, the server stalls. It leads a session of its own, so that the terminal's Ctrl-C does not
 * reach it, and does not keep this process alive.
 *
 * @throws the system's error where it cannot be started
 */
export async function startProgram(
  file: string,
  args: readonly string[],
  logPath: string,
  { account, env = {}, sharesLog = false }: ProgramOptions,
): Promise<Program> {
  const log = await open(logPath, sharesLog ? 'a' : 'w', 0o600);
  try {
    const options = runAs(account);
    const child = spawn(file, args, {
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

/** Options for spawning under `account`, which may not enter our working directory, without our PG* variables. */
export function runAs(account: ServerAccount | undefined) {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return {
    cwd: '/',
    // C: the server's messages are read below, and in English.
    env: { LC_ALL: 'C', PATH, LD_LIBRARY_PATH },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

/** For people: `ended with code 1` or `was ended by SIGKILL`. */
export function describeEnd({ code, signal }: ProgramEnd): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

/** The last lines of a log that say something, in one line, without their time stamps; empty where there are none. */
export async function readLogTail(logPath: string, lines = 3): Promise<string> {
  const log = await readFile(logPath, 'utf8').catch(() => '');
  return log
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('LOG:  database system is shut down'))
    .slice(-lines)
    .join(' | ');
}
