// @ts-check

/**
 * What recording costs: events of ok attempts written into a ring by a thread that paces nothing else, and read into the
 * histograms by this one ten times a second, as in a run. Prints as JSON the microseconds an attempt, and the p99.99 of what
 * writing one takes the other thread:
 *
 *   node test/bench/measures/recording.js DIST
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadModule } from '../load-module.js';

const ATTEMPTS = 200_000;
const PER_SECOND = 20_000;
const SECONDS = 5;
/** The folder of a build's modules. */
const dist = isMainThread ? process.argv[2] : workerData.dist;
/** By name at run time: dist is not there when the types are checked. @param {string} file */
const load = (file) => loadModule(dist, file);

/** @type {typeof import('../../../src/load/record/event-ring.ts')} */
const { allocateRing, EVENT, EventWriter } = await load('load/event-ring.js');
/** @type {typeof import('../../../src/drivers/driver.ts')} */
const { Attempt } = await load('drivers/driver.js');

if (isMainThread) await main();
else pace(workerData.events);

async function main() {
  const { recordUs } = await measureRecording();
  console.log(JSON.stringify({ recordUs, pauseMs: await measurePause() }));
}

async function measureRecording() {
  const { journal, memory } = await createJournal();
  const writer = new EventWriter(memory.events);
  let elapsedNs = 0n;
  const batch = 10_000;
  for (let first = 0; first < ATTEMPTS; first += batch) {
    for (let index = first; index < first + batch; index++) {
      writeAttempt(writer, index, index * 50);
    }
    const beganNs = process.hrtime.bigint();
    journal.read();
    // The first batches are the compiler's.
    if (first >= ATTEMPTS / 4) elapsedNs += process.hrtime.bigint() - beganNs;
  }
  return { recordUs: Number(elapsedNs) / 1000 / (ATTEMPTS * 0.75) };
}

/** @returns {Promise<number>} */
async function measurePause() {
  const { journal, recorder, memory } = await createJournal();
  const writer = new Worker(new URL(import.meta.url), {
    workerData: { dist, events: memory.events },
  });
  const beganMs = performance.now();
  const reading = setInterval(() => {
    journal.read();
    recorder.closeIntervals((performance.now() - beganMs) * 1000 - 250_000);
  }, 100);
  const longestMs = await new Promise((resolve) => writer.once('message', resolve));
  clearInterval(reading);
  return longestMs;
}

async function createJournal() {
  /** @type {typeof import('../../../src/load/record/journal.ts')} */
  const { Journal } = await load('load/journal.js');
  /** @type {typeof import('../../../src/load/record/failure-table.ts')} */
  const { allocateFailureTable } = await load('load/failure-table.js');
  /** @type {typeof import('../../../src/metrics/recorder.ts')} */
  const { Recorder } = await load('metrics/recorder.js');
  const memory = { events: allocateRing(), failures: allocateFailureTable() };
  const recorder = new Recorder({ steps: [{ index: 0, fromUs: 0, toUs: 3_600_000_000 }] });
  return { memory, recorder, journal: new Journal(memory, 1, recorder) };
}

/** @param {import('../../../src/load/record/event-ring.ts').EventWriter} writer @param {number} index @param {number} atUs */
function writeAttempt(writer, index, atUs) {
  const attempt = new Attempt(0, index, atUs, atUs + (index % 997));
  writer.write(EVENT.begun, attempt, attempt.startUs);
  attempt.establishedUs = attempt.startUs + 50 + (index % 101);
  attempt.spawnedUs = attempt.establishedUs + 2000 + (index % 1009);
  attempt.authenticatedUs = attempt.spawnedUs + 300 + (index % 211);
  attempt.readyUs = attempt.authenticatedUs + 4000 + (index % 4001);
  attempt.boundary = 'sslrequest';
  writer.write(EVENT.ok, attempt, attempt.readyUs);
  writer.write(EVENT.connectionEnded, attempt, attempt.readyUs + 10, 0);
}

/** @param {SharedArrayBuffer} events */
function pace(events) {
  const writer = new EventWriter(events);
  const beganMs = performance.now();
  const longest = [];
  for (let index = 0; index < PER_SECOND * SECONDS; index++) {
    const dueMs = (index / PER_SECOND) * 1000;
    while (performance.now() - beganMs < dueMs);
    const beforeMs = performance.now();
    writeAttempt(writer, index, Math.round(dueMs * 1000));
    longest.push(performance.now() - beforeMs);
  }
  // Being preempted in the midst of one is the scheduler's doing: one in 10,000 is left out.
  longest.sort((a, b) => b - a);
  parentPort?.postMessage(longest[Math.floor(longest.length / 10_000)] ?? 0);
}
