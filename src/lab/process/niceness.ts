import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Far enough from the default of 0 that a storm's hundreds of backends leave connstorm the few percent that it needs.
 */
const NICENESS = 10;

/**
 * Makes the lab's server, and every backend that it forks from now on, yield the CPU to connstorm. Both share one
 * machine. Without this the server would starve the generator, which would start attempts late and stamp them late. A
 * generator on its own machine, as in real use, does not starve either. Returns the niceness, or null if the system
 * does not permit it.
 *
 * Under Linux's autogroups niceness counts only inside a session. The server leads its own session, so the session's
 * niceness matters there (sched(7), "The autogroup feature").
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
    // There are no autogroups here, so niceness alone is enough.
  }
  return NICENESS;
}
