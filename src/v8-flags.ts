import { setFlagsFromString } from 'node:v8';

// V8 takes a thread that allocates little for an idle page, and after 8 s compacts its heap three times in a row: a
// pause of up to 50 ms in the pacing thread, in the midst of a slow storm.
const NO_MEMORY_REDUCER = '--no-memory-reducer';

// Translate functions to machine code when they are first called, without optimising them. A slow storm of some thousand connects
// is interpreted to its end otherwise. Every leg has new threads, whose optimised code V8's helper threads make anew: to have that
// made after a tenth of the usual work took 3 ms of CPU more a connect at 30/s, and was no faster.
const COMPILE_AT_ONCE = '--always-sparkplug';

/** Sets V8 up for threads that keep time. To be called before they are started; they all share it. */
export function tuneV8(): void {
  for (const flag of [NO_MEMORY_REDUCER, COMPILE_AT_ONCE]) setFlagsFromString(flag);
}
