import { readMonotonicUs } from '../../clock.ts';

/** Wakes a loop. Tests have their own, whose time is virtual. */
export interface Timers {
  /** Calls back once, about `us` microseconds later. Replaces what was set before. */
  wakeIn(us: number): void;
  /** Calls back once, after the events that already wait. */
  wakeSoon(): void;
  /** Cancels what was set before. */
  clear(): void;
}

export type CreateTimers = (onWake: () => void) => Timers;

/**
 * Node's timers have whole milliseconds. A wait of at least this long is rounded down, and its rest is spent going
 * round the loop, where sockets have their turn: this takes 0.5 to 1 ms of CPU a wait. At 30/s the median of lateness
 * is 0.07 ms instead of 0.81 ms, which would be a good part of a pooler's connect time. p99 is 1.2 ms instead of 2.0
 * ms. Arrivals of up to 100/s are waited for in this way. In a fast storm it would take a whole CPU, so shorter waits
 * are rounded up, and sockets wake the loop in between.
 */
const EXACT_FROM_US = 9000;
/** Node fires a longer timer at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Creates Node's timers. A short wait ends up to about 1 ms late. It ends early if the loop's own time stood still in a
 * long turn, so look at the clock after it.
 */
export const createNodeTimers: CreateTimers = (onWake) => {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  const clear = (): void => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
  const wakeAt = (dueUs: number): void => {
    const us = dueUs - readMonotonicUs();
    if (us >= EXACT_FROM_US) {
      timer = setTimeout(wakeAt, Math.min(LONGEST_MS, Math.floor(us / 1000)), dueUs);
    } else if (us > 0) immediate = setImmediate(wakeAt, dueUs);
    else onWake();
  };
  return {
    wakeIn(us) {
      clear();
      if (us >= EXACT_FROM_US) wakeAt(readMonotonicUs() + us);
      // Rounded up: a timer that fires too early costs a second wake-up and another millisecond.
      else timer = setTimeout(onWake, Math.max(1, Math.ceil(us / 1000)));
    },
    wakeSoon() {
      clear();
      immediate = setImmediate(onWake);
    },
    clear,
  };
};
