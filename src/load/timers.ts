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

/** Node's: a timer wakes up to about 1 ms late, and early where the loop's own time stood still in a long turn: look at the clock. */
export const createNodeTimers: CreateTimers = (onWake) => {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  return {
    wakeIn(us) {
      clearTimeout(timer);
      // Rounded up: a timer that fires too early costs a second wake-up and another millisecond.
      timer = setTimeout(onWake, Math.min(LONGEST_MS, Math.max(1, Math.ceil(us / 1000))));
    },
    wakeSoon() {
      clearImmediate(immediate);
      immediate = setImmediate(onWake);
    },
    clear() {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
};

/** A longer timer of Node's would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;
