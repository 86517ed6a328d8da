import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import type { Behaviour, Counters, Report } from './known/behaviour.js';
import { createAsk, createHandle, MAIN, type ServerHandle } from './server-process.ts';

export type { Behaviour, Counters } from './known/behaviour.js';

/** A server of known behaviour on 127.0.0.1, or on a Unix socket, in a process of its own. */
export interface KnownServer extends ServerHandle {
  pid: number;
  /**
   * Stops accepting and answering for `ms`, as a stopped postmaster does; resolves when it goes on, with how long
   * it really was, in milliseconds.
   */
  stallFor(ms: number): Promise<number>;
  /** Kills the server, and with it all of its connections; may be called twice. */
  stop(): Promise<void>;
}

/** The server replaces the shell, which has replaced unshare: one process, one pid. */
const NAMESPACE = {
  execPath: 'unshare',
  execArgv: ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath],
};

/**
 * Starts a server that does what `behaviour` says, and resolves when it listens. `alone`: in a network namespace of its
 * own, where nobody else's sockets are; its loopback is reached by `nsenter -n -t PID`.
 */
export async function startKnownServer(
  behaviour: Behaviour = {},
  { alone = false } = {},
): Promise<KnownServer> {
  const how = alone ? NAMESPACE : { execArgv: [] };
  const child = fork(MAIN, [JSON.stringify(behaviour)], how);
  const port = await waitForPort(child);
  const ask = createAsk(child);
  return {
    ...createHandle(ask, 0, port, behaviour),
    pid: child.pid ?? 0,
    stallFor: async (ms) => {
      const report = await ask({ type: 'stall', ms });
      return report.type === 'stalled' ? report.ms : 0;
    },
    stop: () => stop(child),
  };
}

/** A server that goes with the test whose `onTestFinished` it is. */
export async function startDuring(
  onTestFinished: TestContext['onTestFinished'],
  behaviour: Behaviour = {},
): Promise<KnownServer> {
  const server = await startKnownServer(behaviour);
  onTestFinished(() => server.stop());
  return server;
}

/** The same for a run: its own check, two logins, is neither refused nor met by the fault. */
export function startForRun(
  onTestFinished: TestContext['onTestFinished'],
  behaviour: Behaviour = {},
): Promise<KnownServer> {
  return startDuring(onTestFinished, { spareFirst: 2, ...behaviour });
}

/** Where several programs start at once on a busy machine, the first counts come late. */
const PATIENCE_MS = 40_000;
const POLL_MS = 5;

/** Polls the counters until they are as `isReached` wants them; throws when nothing more is to be expected, with the last ones. */
export async function waitForCounters(
  server: Pick<ServerHandle, 'counters'>,
  isReached: (counters: Counters) => boolean,
): Promise<Counters> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const counters = await server.counters();
    if (isReached(counters)) return counters;
    if (performance.now() > deadline) throw new Error(`not reached: ${JSON.stringify(counters)}`);
    // Asking without a pause would keep a CPU busy here and another there, which what is waited for needs.
    await delay(POLL_MS);
  }
}

async function waitForPort(child: ChildProcess): Promise<number> {
  const report = await Promise.race([
    once(child, 'message').then(([first]: Report[]) => first),
    once(child, 'exit').then(() => undefined),
  ]);
  if (report?.type !== 'listening') throw new Error('the known server ended before it listened');
  return report.port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
