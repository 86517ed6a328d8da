import { readMonotonicUs } from '../../clock.ts';

/** What wakes a loop. Tests have their own, whose time is virtual. */
export interface Timers {
  /** Calls back once, about `us` microseconds later; replaces what was set before. */
  wakeIn(us: number): void;
  /** Calls back once, when what waits already has had its turn. */
  wakeSoon(): void;
  /** Nothing set before calls back any more. */
  clear(): void;
}

export type CreateTimers = (onWake: () => void) => Timers;

/**
 * Node's timers have whole milliseconds. A wait of at least so many is rounded down, and what is left of it is spent going round the
 * loop, where sockets have their turn: half a millisecond to one of CPU a wait. At 30/s the median of lateness is 0.07 ms
 * instead of 0.81, a good part of what a pooler's connects take, and p99 1.2 instead of 2.0. Arrivals of up to 100/s are
 * waited for so. The waits of a fast storm, for which that would take all of a CPU, are rounded up, and sockets wake the loop in
 * between.
 */
const EXACT_FROM_US = 9000;
/** A longer timer of Node's would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Node's: a short wait ends up to about 1 ms late, and early where the loop's own time stood still in a long turn: look at the clock. */
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
