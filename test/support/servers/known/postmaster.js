// @ts-check

import { wait } from './wait.js';

/**
 * A model of a postmaster and its host: one serial stage that takes connections in their order, then backends side by side on
 * so many cores. Each stage keeps the moment from which it is free, so that late timers delay an answer and never
 * lower the capacity.
 */
export class Postmaster {
  /** @type {Required<Omit<import('./behaviour.js').PostmasterModel, 'stalls' | 'slots'>> & import('./behaviour.js').PostmasterModel} */
  #model;
  #freeMs = 0;
  /** @type {number[]} */
  #coresFreeMs;
  #nextStallMs;
  #random;

  /** @param {import('./behaviour.js').PostmasterModel} model */
  constructor(model) {
    this.#model = { spread: 0, backendMs: 0, cores: 1, seed: 1, ...model };
    this.#coresFreeMs = new Array(this.#model.cores).fill(0);
    this.#random = createRandom(this.#model.seed);
    this.#nextStallMs = performance.now() + this.#drawGapMs();
  }

  /** Until the backend of a connection that has come now answers. */
  async fork() {
    const { serialMs, spread, backendMs } = this.#model;
    const beginMs = Math.max(performance.now(), this.#freeMs);
    const serviceMs = serialMs * (1 + spread * (2 * this.#random() - 1));
    this.#freeMs = this.#stall(beginMs, beginMs + serviceMs);
    const doneMs = backendMs === 0 ? this.#freeMs : this.#runBackend(this.#freeMs, backendMs);
    await wait(doneMs - performance.now());
  }

  /** @param {number} fromMs @param {number} costMs @returns {number} On whichever core is free first. */
  #runBackend(fromMs, costMs) {
    const earliest = this.#coresFreeMs.indexOf(Math.min(...this.#coresFreeMs));
    const doneMs = Math.max(fromMs, this.#coresFreeMs[earliest] ?? 0) + costMs;
    this.#coresFreeMs[earliest] = doneMs;
    return doneMs;
  }

  /** A stall that begins before the end puts it off. @param {number} beginMs @param {number} endMs */
  #stall(beginMs, endMs) {
    const { stalls } = this.#model;
    let doneMs = endMs;
    while (stalls !== undefined && this.#nextStallMs < doneMs) {
      const overMs = this.#nextStallMs + stalls.ms;
      if (overMs > beginMs) doneMs += overMs - Math.max(beginMs, this.#nextStallMs);
      this.#nextStallMs = overMs + this.#drawGapMs();
    }
    return doneMs;
  }

  #drawGapMs() {
    const { stalls } = this.#model;
    if (stalls === undefined) return Number.POSITIVE_INFINITY;
    return (-Math.log(1 - this.#random()) * 1000) / stalls.perSecond;
  }
}

/** mulberry32 by Tommy Ettinger: numbers in [0, 1), the same for the same seed. @param {number} seed */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
