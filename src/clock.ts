/** Returns the current moment of the machine's monotonic clock (the same in every thread), in whole microseconds. */
export function readMonotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
}

/** Returns whole microseconds since T0; negative before it. */
export type Clock = () => number;

/** Creates the clock of a run. All its threads get the same `t0Us`, a moment of `readMonotonicUs`. */
export function createClock(t0Us: number): Clock {
  return () => readMonotonicUs() - t0Us;
}
