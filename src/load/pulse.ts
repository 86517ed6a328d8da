import { readMonotonicUs } from '../clock.ts';

/**
 * How late a worker's event loop comes to a timer, in memory that it shares with the coordinator. Lateness tells it of
 * arrivals; this tells it between them, where answers would be stamped late.
 */

/** Each beat wakes an idle thread, which costs a tenth of a millisecond and more: twice what it does then. */
const BEAT_MS = 50;

/** Both in microseconds, the moment of the monotonic clock modulo 2^32. */
const LAST_BEAT = 0;
const LONGEST_DELAY = 1;

export function allocatePulse(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/** The worker's end; keeps no thread alive. Returns what ends it. */
export function startPulse(memory: SharedArrayBuffer): () => void {
  const cells = new Int32Array(memory);
  Atomics.store(cells, LAST_BEAT, readMonotonicUs() | 0);
  const timer = setInterval(() => {
    const nowUs = readMonotonicUs() | 0;
    const delayUs = delayAt(nowUs, Atomics.load(cells, LAST_BEAT));
    if (delayUs > Atomics.load(cells, LONGEST_DELAY)) Atomics.store(cells, LONGEST_DELAY, delayUs);
    Atomics.store(cells, LAST_BEAT, nowUs);
  }, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The longest delay since the last call, one that goes on included. */
export function takeLongestDelayUs(memory: SharedArrayBuffer, nowUs = readMonotonicUs()): number {
  const cells = new Int32Array(memory);
  const longestUs = Atomics.exchange(cells, LONGEST_DELAY, 0);
  const lastBeat = Atomics.load(cells, LAST_BEAT);
  // Not started yet.
  if (lastBeat === 0) return longestUs;
  return Math.max(longestUs, delayAt(nowUs | 0, lastBeat));
}

function delayAt(nowUs: number, lastBeatUs: number): number {
  return Math.max(0, ((nowUs - lastBeatUs) | 0) - BEAT_MS * 1000);
}
