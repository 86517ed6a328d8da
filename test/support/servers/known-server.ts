import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import type { Behaviour, Counters } from './known/behaviour.js';
import { type Ask, createAsk, createHandle, MAIN, type ServerHandle } from './server-process.ts';

export type { Behaviour, Counters } from './known/behaviour.js';

/** A server of known behaviour on 127.0.0.1, or on a Unix socket, in a process that has no other meanwhile. */
export interface KnownServer extends ServerHandle {
  pid: number;
  /**
   * Stops accepting and answering for `ms`, as a stopped postmaster does; resolves when it goes on, with how long
   * it really was, in milliseconds.
   */
  stallFor(ms: number): Promise<number>;
  /** Closes the server and all of its connections, as if its process was killed; may be called twice. */
  stop(): Promise<void>;
}

/** The server replaces the shell, which has replaced unshare: one process, one pid. */
const NAMESPACE = {
  execPath: 'unshare',
  execArgv: ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath],
};

/** A process that has one server at a time. */
interface Host {
  child: ChildProcess;
  ask: Ask;
}

/** A process that has not closed its server by then is ended. */
const CLOSE_MS = 2_000;

/** Those whose server was stopped: a new process costs more than most servers have to do. */
const idle: Host[] = [];

/**
 * Starts a server that does what `behaviour` says, and resolves when it listens. `alone`: in a network namespace of its
 * own, where nobody else's sockets are; its loopback is reached by `nsenter -n -t PID`.
 */
export async function startKnownServer(
  behaviour: Behaviour = {},
  { alone = false } = {},
): Promise<KnownServer> {
  const host = (alone ? undefined : takeIdle()) ?? startHost(alone);
  const { child, ask } = host;
  const started = await ask({ type: 'start', behaviour });
  if (started.type !== 'listening') throw new Error(`start answered with ${started.type}`);
  let stalls = 0;
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // One that stalls could not be told to close, and one in a namespace is of no use to others.
    if (alone || stalls > 0) return kill(child);
    const closing = ask({ type: 'close', server: started.id });
    const isClosed = closing.then(
      () => true,
      () => false,
    );
    // A test may have stopped the process.
    if (await Promise.race([isClosed, delay(CLOSE_MS, false, { ref: false })])) idle.push(host);
    else await kill(child);
  };
  return {
    ...createHandle(ask, started.id, started.port, behaviour),
    pid: child.pid ?? 0,
    stallFor: async (ms) => {
      stalls++;
      const report = await ask({ type: 'stall', ms });
      stalls--;
      return report.type === 'stalled' ? report.ms : 0;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function takeIdle(): Host | undefined {
  let host = idle.pop();
  while (host !== undefined && !isAlive(host.child)) host = idle.pop();
  return host;
}

/** Keeps nobody alive; it ends when its parent is gone. */
function startHost(alone: boolean): Host {
  const child = fork(MAIN, [], alone ? NAMESPACE : { execArgv: [] });
  child.unref();
  child.channel?.unref();
  return { child, ask: createAsk(child) };
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

const isAlive = ({ exitCode, signalCode, connected }: ChildProcess): boolean =>
  connected && exitCode === null && signalCode === null;

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
