import { parentPort, workerData } from 'node:worker_threads';
import { createClock } from '../clock.ts';
import { DRIVERS } from '../drivers/table.ts';
import { createArrivals } from './arrivals.ts';
import { EventWriter } from './event-ring.ts';
import { FailureWriter } from './failure-table.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';
import { OpenLoop } from './open-loop.ts';
import { warmUp } from './warm-up.ts';

/** The entry point of a worker thread: it paces its share of the arrivals and writes down what happens, nothing else. */

const input = workerData as WorkerInput;
const port = parentPort;
if (port === null) throw new Error('worker.ts is the entry point of a worker thread');
const Driver = DRIVERS[input.driver];
let loop: OpenLoop | undefined;

port.on('message', (message: CoordinatorMessage) => {
  if (message.type === 'start') loop = startLoop(message.t0Us);
  else if (message.type === 'stop') loop?.stop();
  else loop?.cancel();
});
await warmUp(Driver, input.endpoint, input.connection);
post({ type: 'ready' });

function startLoop(t0Us: number): OpenLoop {
  const now = createClock(t0Us);
  const { connection, endpoint } = input;
  const started = new OpenLoop({
    arrivals: createArrivals(input.schedule, { worker: input.worker, workers: input.workers }),
    steps: input.steps,
    maxInFlight: input.maxInFlight,
    events: new EventWriter(input.events),
    failures: new FailureWriter(input.failures),
    now,
    expectsQuery: connection.queries > 0,
    onDone: () => {
      post({ type: 'done', scram: driver.scramFigures });
      port?.close();
    },
  });
  const driver = new Driver(endpoint, connection, started, now);
  started.start(driver);
  return started;
}

function post(message: WorkerMessage): void {
  port?.postMessage(message);
}
