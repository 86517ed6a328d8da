import { setFlagsFromString } from 'node:v8';

// V8 takes a thread that allocates little for an idle page, and after 8 s compacts its heap three times in a row: a
// pause of up to 50 ms in the pacing thread, in the midst of a slow storm.
const NO_MEMORY_REDUCER = '--no-memory-reducer';

// Compile what an attempt runs through after a tenth of the usual work: by V8's own measure (132 KB of bytecode run,
// three times over) a slow storm of some thousand connects is interpreted to its end, at twice the cost of each.
const COMPILE_EARLY = '--interrupt-budget=10000';

/** Later ones count calls instead, and say aloud that they do not know the flag. */
const LAST_NODE_WITH_BUDGET = 20;

/** Sets V8 up for threads that keep time. To be called before they are started; they all share it. */
export function tuneV8(): void {
  const major = Number.parseInt(process.versions.node, 10);
  const flags = major <= LAST_NODE_WITH_BUDGET ? [COMPILE_EARLY] : [];
  for (const flag of [NO_MEMORY_REDUCER, ...flags]) setFlagsFromString(flag);
}
