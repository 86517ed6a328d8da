import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandRecord } from '../../result/records/events.ts';
import { KeptOutput } from './kept-output.ts';

export interface CommandOptions {
  timeoutUs: number;
  /** Added to the environment of connstorm. */
  env: Record<string, string>;
  /** Aborted: the command is ended at once. */
  cancel: AbortSignal;
}

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;
/**
 * How long output is still read after the command has ended. A program that the command left behind may keep the output
 * open.
 */
const LAST_OUTPUT_MS = 200;

/**
 * Runs a command by /bin/sh in a process group of its own, with nothing as its standard input. At the timeout, or at a
 * cancel, the whole group is ended: by SIGTERM, and two seconds later by SIGKILL. Output is read to its end, however
 * long, and its first and last part is kept. Rejects if the shell cannot be started.
 */
export async function runCommand(command: string, options: CommandOptions): Promise<CommandRecord> {
  const { timeoutUs, env, cancel } = options;
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = new KeptOutput();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.add(chunk));
    stream.on('error', () => {});
  }
  const end = new GroupEnd(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end.begin();
  }, timeoutUs / 1000);
  const cancelled = (): void => end.begin();
  cancel.addEventListener('abort', cancelled);
  if (cancel.aborted) cancelled();
  try {
    const { code, signal } = await waitForExit(child);
    await end.finish();
    await Promise.race([waitForOutput(child), delay(LAST_OUTPUT_MS)]);
    const { droppedBytes } = output;
    return {
      exitCode: code,
      ...(signal === null ? {} : { signal }),
      ...(timedOut ? { timedOut } : {}),
      output: output.text,
      ...(droppedBytes === 0 ? {} : { droppedBytes }),
    };
  } finally {
    clearTimeout(timer);
    cancel.removeEventListener('abort', cancelled);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** The end of a process group that does not end by itself. */
class GroupEnd {
  readonly #child: ChildProcess;
  #killing: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  begin(): void {
    if (this.#killing !== undefined) return;
    this.#signal('SIGTERM');
    this.#killing = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS);
  }

  /** Ends what is left of the group if its end was begun. Call it when the command itself has ended. */
  async finish(): Promise<void> {
    if (this.#killing === undefined) return;
    clearTimeout(this.#killing);
    for (let leftMs = GRACE_MS; this.#signal(0) && leftMs > 0; leftMs -= 50) await delay(50);
    this.#signal('SIGKILL');
  }

  /** Returns false if no process of the group is left. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}

function waitForExit(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function waitForOutput(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('close', () => resolve()));
}
