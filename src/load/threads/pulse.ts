import { readMonotonicUs } from '../../clock.ts';
import { LOOP_BEAT_US } from '../../model/measures.ts';

/**
 * A pulse: how late a worker's event loop comes to a timer, in memory that it shares with the coordinator. An arrival's
 * lateness shows this only at arrivals. The pulse shows it between them too, where answers would be stamped late, and
 * in closed loops, which have no arrivals.
 */

/** Delays that wait to be read: about 13 s of them. When more wait, the oldest are lost. */
const RING_LENGTH = 256;
/** Cap on missed beats reported after one stall: one minute's worth. */
const MOST_TOLD = 1200;

/** The last beat's moment of the monotonic clock, in microseconds modulo 2^32; 0: the pulse has not started. */
const LAST_BEAT = 0;
/** Beats so far, modulo 2^32. */
const BEATS = 1;
/** The first cell of the ring of delays, in microseconds. */
const RING = 2;

export function allocatePulse(): SharedArrayBuffer {
  return new SharedArrayBuffer((RING + RING_LENGTH) * Int32Array.BYTES_PER_ELEMENT);
}

/** Starts the worker's end, which keeps no thread alive. Returns a function that stops it. */
export function startPulse(memory: SharedArrayBuffer): () => void {
  const cells = new Int32Array(memory);
  Atomics.store(cells, LAST_BEAT, readMonotonicUs() | 0);
  const timer = setInterval(() => {
    const nowUs = readMonotonicUs() | 0;
    const beats = Atomics.load(cells, BEATS);
    Atomics.store(cells, cellOf(beats), delayAt(nowUs, Atomics.load(cells, LAST_BEAT)));
    Atomics.store(cells, LAST_BEAT, nowUs);
    Atomics.store(cells, BEATS, (beats + 1) | 0);
  }, LOOP_BEAT_US / 1000);
  timer.unref();
  return () => clearInterval(timer);
}

/** Delays of the loop since the reader last looked, in microseconds. */
export interface LoopDelays {
  /** The longest delay, including a hold-up that still goes on. */
  longestUs: number;
  /** One delay for each beat that was due until the last beat, in that order. */
  delaysUs: number[];
}

/** The coordinator's end. */
export class PulseReader {
  readonly #cells: Int32Array;
  #read = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  take(nowUs = readMonotonicUs()): LoopDelays {
    const cells = this.#cells;
    const beats = Atomics.load(cells, BEATS);
    const unread = Math.min((beats - this.#read) | 0, RING_LENGTH);
    this.#read = beats;
    const delaysUs = Array.from({ length: unread }, (_, index) =>
      Atomics.load(cells, cellOf(beats - unread + index)),
    )
      .flatMap(listMissed)
      .slice(-MOST_TOLD);
    const lastBeat = Atomics.load(cells, LAST_BEAT);
    const goingOnUs = lastBeat === 0 ? 0 : delayAt(nowUs | 0, lastBeat);
    return { longestUs: Math.max(goingOnUs, ...delaysUs), delaysUs };
  }
}

/**
 * Lists the delays of a late beat and of the beats that it kept from coming, each late by what was left of the hold-up.
 * Otherwise a hold-up of a second would be one delay among many, and weigh as little as a moment of calm.
 */
function listMissed(delayUs: number): number[] {
  const due = Math.min(MOST_TOLD, 1 + Math.floor(delayUs / LOOP_BEAT_US));
  return Array.from({ length: due }, (_, missed) => delayUs - missed * LOOP_BEAT_US);
}

function cellOf(beat: number): number {
  return RING + ((beat >>> 0) % RING_LENGTH);
}

function delayAt(nowUs: number, lastBeatUs: number): number {
  return Math.max(0, ((nowUs - lastBeatUs) | 0) - LOOP_BEAT_US);
}
