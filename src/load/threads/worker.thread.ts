import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createClock } from '../../clock.ts';
import type { Driver } from '../../drivers/driver.ts';
import { NO_SCRAM } from '../../drivers/login/scram-costs.ts';
import { createDriver } from '../../drivers/spread.ts';
import { DRIVERS } from '../../drivers/table.ts';
import { warmUp } from '../../drivers/warm-up.ts';
import { EventWriter } from '../record/event-ring.ts';
import { FailureWriter } from '../record/failure-table.ts';
import { LoadLoop } from './load-loop.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';
import { startPulse } from './pulse.ts';

/** The entry point of a worker thread: it paces its share of the load and writes down what happens, nothing else. */

const input = workerData as WorkerInput;
const port = parentPort;
if (port === null) throw new Error('worker.thread.ts is the entry point of a worker thread');
let loop: LoadLoop | undefined;
let driver: Driver | undefined;

// The code that runs is the same for all endpoints.
const [endpoint] = input.endpoints;
if (endpoint === undefined) throw new Error('there is no endpoint to connect to');
const events = new EventWriter(input.events);
events.touch();
await warmUp(DRIVERS[input.driver], endpoint, input.connection);
port.on('message', (message: CoordinatorMessage) => {
  if (message.type === 'start') start(message.t0Us);
  else if (message.type === 'append') loop?.append(message.block, message.step);
  else if (message.type === 'stop') loop?.stop(message.atUs);
  else if (message.type === 'endBlock') loop?.endBlock();
  else if (message.type === 'close') loop?.close();
  else if (loop !== undefined) loop.cancel();
  else end();
});
post({ type: 'ready', threadId: readThreadId() });

function start(t0Us: number): void {
  const now = createClock(t0Us);
  startPulse(input.pulse);
  const { connection, endpoints } = input;
  loop = new LoadLoop({
    blocks: input.blocks,
    steps: input.steps,
    stripe: { worker: input.worker, workers: input.workers },
    maxInFlight: input.maxInFlight,
    retry: input.retry,
    isOpenEnded: input.isOpenEnded,
    events,
    failures: new FailureWriter(input.failures),
    notices: new FailureWriter(input.notices),
    now,
    expectsQuery: connection.queries > 0,
    onIdle: () => post({ type: 'idle' }),
    onDone: end,
  });
  driver = createDriver(input.driver, endpoints, connection, loop.sink, now);
  loop.start(driver);
}

function end(): void {
  post({ type: 'done', scram: driver?.scramFigures ?? NO_SCRAM });
  port?.close();
}

/** Linux tells every thread its own number. */
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
