import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import type { Behaviour, Command, Counters, Report } from './server/behaviour.js';

export type { Behaviour, Counters } from './server/behaviour.js';

/** A server of known behaviour on 127.0.0.1, or on a Unix socket, in a process of its own. */
export interface KnownServer {
  port: number;
  /** User `storm`, database `storm`, with the behaviour's password. */
  url: string;
  pid: number;
  /**
   * Stops accepting and answering for `ms`, as a stopped postmaster does; resolves when it goes on, with how long
   * it really was, in milliseconds.
   */
  stallFor(ms: number): Promise<number>;
  counters(): Promise<Counters>;
  /** Ends all connections that have logged in with FATAL 57P01 at once; resolves with their number. */
  cutAll(): Promise<number>;
  /** Kills the server, and with it all of its connections; may be called twice. */
  stop(): Promise<void>;
}

/** The server replaces the shell, which has replaced unshare: one process, one pid. */
const NAMESPACE = {
  execPath: 'unshare',
  execArgv: ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath],
};
const MAIN = fileURLToPath(new URL('./server/main.js', import.meta.url));

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
  const host = behaviour.socketFolder ?? '127.0.0.1';
  const password = encodeURIComponent(behaviour.password ?? 'secret');
  return {
    port,
    url: `postgresql://storm:${password}@${encodeURIComponent(host)}:${port}/storm`,
    pid: child.pid ?? 0,
    stallFor: async (ms) => {
      const report = await ask({ type: 'stall', ms });
      return report.type === 'stalled' ? report.ms : 0;
    },
    counters: async () => {
      const report = await ask({ type: 'counters' });
      if (report.type !== 'counters') throw new Error(`counters answered with ${report.type}`);
      return report.counters;
    },
    cutAll: async () => {
      const report = await ask({ type: 'cut' });
      return report.type === 'cut' ? report.count : 0;
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

/** Polls the counters until they are as `isReached` wants them; throws after 10 s, with the last ones. */
export async function waitForCounters(
  server: KnownServer,
  isReached: (counters: Counters) => boolean,
): Promise<Counters> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const counters = await server.counters();
    if (isReached(counters)) return counters;
    if (performance.now() > deadline) throw new Error(`not reached: ${JSON.stringify(counters)}`);
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

type Asked = Extract<Report, { id: number }>;
type Question = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

/** One question, one answer, matched by their id; rejects when the server ends first. */
function createAsk(child: ChildProcess): (question: Question) => Promise<Asked> {
  const waiting = new Map<number, { resolve(report: Asked): void; reject(reason: Error): void }>();
  let lastId = 0;
  child.on('message', (report: Report) => {
    if (report.type === 'listening') return;
    waiting.get(report.id)?.resolve(report);
    waiting.delete(report.id);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the known server has ended'));
    waiting.clear();
  });
  return (question) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      child.send({ ...question, id: lastId }, (error) => {
        if (error) reject(error);
      });
    });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
