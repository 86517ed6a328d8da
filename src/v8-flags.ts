import { setFlagsFromString } from 'node:v8';

// V8 takes a thread that allocates little for an idle page, and after 8 s compacts its heap three times in a row. In
// the middle of a slow storm, that would pause the pacing thread by up to 50 ms.
const NO_MEMORY_REDUCER = '--no-memory-reducer';

// With this flag, V8 translates functions to machine code at their first call, without optimising them. Otherwise a
// slow storm of some thousand connects is interpreted to its end. Every leg has new threads, and V8's helper threads
// optimise the code again for each. Optimising after a tenth of the usual work cost 3 ms more CPU a connect at 30/s,
// and was no faster.
const COMPILE_AT_ONCE = '--always-sparkplug';

/** Sets V8 up for threads that keep time. All threads share the flags. Call it before they are started. */
export function tuneV8(): void {
  for (const flag of [NO_MEMORY_REDUCER, COMPILE_AT_ONCE]) setFlagsFromString(flag);
}
