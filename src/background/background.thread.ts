import { parentPort, workerData } from 'node:worker_threads';
import { readMonotonicUs } from '../clock.ts';
import { BackgroundLoop } from './background-loop.ts';
import { REAL_TIMERS } from './background-timers.ts';
import { createActivity } from './create-activity.ts';
import type { BackgroundInput, BackgroundOrder } from './messages.ts';

/** The entry point of the thread for all activities of a leg. */

const port = parentPort;
if (port === null) throw new Error('background.thread.ts is the entry point of a worker thread');

const loop = new BackgroundLoop(workerData as BackgroundInput, {
  readMonotonicUs,
  timers: REAL_TIMERS,
  createActivity,
  post: (message) => port.postMessage(message),
  end: () => port.close(),
});
port.on('message', (order: BackgroundOrder) => loop.take(order));
await loop.open();
