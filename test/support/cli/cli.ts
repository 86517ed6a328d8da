import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../../bin/connstorm.js', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliProcess {
  child: ChildProcess;
  /** What has come so far. */
  output: { stdout: string; stderr: string };
  ended: Promise<CliResult>;
  /** Resolves when standard error or output holds `text`; rejects when the process ends without it. */
  waitFor(text: string | RegExp): Promise<void>;
}

/**
 * The built CLI in a process of its own, in `cwd`, without this process's CONNSTORM_* and PG* variables.
 * `stdout`: an open file for its standard output, instead of a pipe.
 */
export function startCli(
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
  stdout: number | 'pipe' = 'pipe',
): CliProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CONNSTORM_|PG)/.test(name));
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), PGPASSFILE: '/nonexistent', ...env },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return { child, output, ended, waitFor };

  async function waitFor(text: string | RegExp): Promise<void> {
    const isThere = (): boolean => {
      const all = output.stderr + output.stdout;
      return typeof text === 'string' ? all.includes(text) : text.test(all);
    };
    while (!isThere()) {
      const news = new Promise<void>((resolve) => {
        for (const stream of [child.stdout, child.stderr]) stream?.once('data', () => resolve());
      });
      const result = await Promise.race([news, ended]);
      if (result !== undefined && !isThere()) {
        throw new Error(
          `ended (${result.code}) without ${text}:\n${result.stderr}${result.stdout}`,
        );
      }
    }
  }
}

export function runCli(
  args: string[],
  cwd: string,
  env?: Record<string, string>,
): Promise<CliResult> {
  return startCli(args, cwd, env).ended;
}
