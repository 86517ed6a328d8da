import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Far enough below the default of 0 that a storm's hundreds of backends leave connstorm the few percent it needs. */
const NICENESS = 10;

/**
 * Makes the lab's server, and every backend it forks from now on, yield the CPU to connstorm. Both share one machine;
 * starved by what it measures, the generator would start attempts late and stamp them late. On a machine of its own,
 * as in earnest, it is not starved either.
 *
 * Under Linux's autogroups niceness counts only inside a session, and the server leads one of its own: there the
 * session's niceness is what matters (sched(7), "The autogroup feature"). Returns the niceness, or null where the
 * system does not allow it.
 */
export function lowerPriority(pid: number): number | null {
  try {
    setPriority(pid, NICENESS);
  } catch {
    return null;
  }
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS));
  } catch {
    // No autogroups here: niceness alone does it.
  }
  return NICENESS;
}
