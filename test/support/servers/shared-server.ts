import { type ChildProcess, fork } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { Behaviour } from './known/behaviour.js';
import { type Ask, createAsk, createHandle, MAIN, type ServerHandle } from './server-process.ts';

/** A server of known behaviour in one process with others. */
export interface SharedServer extends ServerHandle {
  /** Closes it and all of its connections, as if its process was killed; may be called twice. */
  stop(): Promise<void>;
}

let askShared: Ask | undefined;

/**
 * For tests of a few connects and of no rates: it is there at once, where a process of its own takes longer to start
 * than most of them. The process of all of a test file's servers ends with the file.
 */
export async function startSharedServer(behaviour: Behaviour = {}): Promise<SharedServer> {
  askShared ??= createAsk(startProcess());
  const ask = askShared;
  const started = await ask({ type: 'start', behaviour });
  if (started.type !== 'listening') throw new Error(`start answered with ${started.type}`);
  let stopped: Promise<unknown> | undefined;
  return {
    ...createHandle(ask, started.id, started.port, behaviour),
    stop: async () => {
      stopped ??= ask({ type: 'close', server: started.id });
      await stopped;
    },
  };
}

/** The same; it goes with the test, which is not one of several at a time. */
export async function serveTest(behaviour: Behaviour = {}): Promise<SharedServer> {
  const server = await startSharedServer(behaviour);
  onTestFinished(() => server.stop());
  return server;
}

/** Keeps nobody alive; it ends when its parent is gone. */
function startProcess(): ChildProcess {
  const child = fork(MAIN, [], { execArgv: [] });
  child.unref();
  child.channel?.unref();
  return child;
}
