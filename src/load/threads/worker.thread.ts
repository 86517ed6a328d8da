import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createClock } from '../../clock.ts';
import { createDriver } from '../../drivers/create-driver.ts';
import { DRIVERS } from '../../drivers/drivers.ts';
import { warmUp } from '../../drivers/warm-up.ts';
import { EventWriter } from '../record/event-ring.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';
import { startPulse } from './pulse.ts';
import { WorkerLoad } from './worker-load.ts';

/** The entry point of a worker thread. It paces its share of the load and records what happens, nothing else. */

const input = workerData as WorkerInput;
const port = parentPort;
if (port === null) throw new Error('worker.thread.ts is the entry point of a worker thread');

// The first endpoint is enough, because the same code runs for all of them.
const [endpoint] = input.endpoints;
if (endpoint === undefined) throw new Error('there is no endpoint to connect to');
const spread = input.hostTurns === undefined ? 'index' : 'place';
const events = new EventWriter(input.events);
events.touch();
await warmUp(DRIVERS[input.driver], endpoint, input.connection);
const load = new WorkerLoad(input, {
  events,
  startClock: (t0Us) => {
    startPulse(input.pulse);
    return createClock(t0Us);
  },
  createDriver: (sink, now) =>
    createDriver(input.driver, input.endpoints, input.connection, sink, now, spread),
  post,
  end: () => port.close(),
});
port.on('message', (message: CoordinatorMessage) => load.take(message));
post({ type: 'ready', threadId: readThreadId() });

/** Returns Linux's number of this thread; null on other systems. */
function readThreadId(): number | null {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

function post(message: WorkerMessage): void {
  port?.postMessage(message);
}
