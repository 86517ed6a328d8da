import { parentPort, workerData } from 'node:worker_threads';
import { createClock, readMonotonicUs } from '../clock.ts';
import type { Failure } from '../result/measures.ts';
import type { WatchRecord } from '../result/samples.ts';
import { Canary } from './canary.ts';
import type { WatchInput, WatchMessage } from './watch.ts';
import { Witness } from './witness.ts';

/** The entry point of the kill switch's thread: its pace must not depend on what the storm keeps busy. */

const REPORT_EVERY_MS = 1000;

const { endpoint, timeoutUs } = workerData as WatchInput;
const port = parentPort;
if (port === null) throw new Error('watch-worker.ts is the entry point of a thread');
const now = createClock(readMonotonicUs());
let isAlive = false;

const canary = new Canary({
  endpoint,
  timeoutUs,
  now,
  onAlive: () => {
    if (!isAlive) post({ type: 'alive' });
    isAlive = true;
  },
  onDeath: (failure) => post({ type: isAlive ? 'dead' : 'unborn', text: describe(failure) }),
});
const witness = new Witness({
  endpoint,
  timeoutUs,
  now,
  onRefusal: (failure) => post({ type: 'refused', text: describe(failure) }),
});
const reporting = setInterval(() => {
  post({ type: 'seen', canary: summarise(canary.take()), witness: witness.take() });
}, REPORT_EVERY_MS);

port.on('message', () => {
  clearInterval(reporting);
  canary.stop();
  witness.stop();
  port.close();
});

function post(message: WatchMessage): void {
  port?.postMessage(message);
}

function summarise(answersUs: readonly number[]): WatchRecord['canary'] {
  const answered = answersUs.length;
  if (answered === 0) return { answered, meanUs: null, maxUs: null };
  const sumUs = answersUs.reduce((sum, us) => sum + us, 0);
  return { answered, meanUs: Math.round(sumUs / answered), maxUs: Math.max(...answersUs) };
}

function describe(failure: Failure | undefined): string {
  return failure === undefined ? 'its connection ended' : `${failure.code} ${failure.message}`;
}
