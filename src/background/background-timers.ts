/** Timers of the background's thread; tests have their own. */
export interface BackgroundTimers {
  /** Calls back once; for 0 ms or less in the thread's next turn. Returns a function that cancels the call. */
  after(ms: number, act: () => void): () => void;
}

export const REAL_TIMERS: BackgroundTimers = {
  after: (ms, act) => {
    if (ms <= 0) {
      const turn = setImmediate(act);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
