import { availableParallelism } from 'node:os';
import { formatCounted } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import type { Needs } from '../../scenario/schema/run-schema.ts';

/** Code of the error of a scenario that this machine is too small for. */
export const CANNOT_BE_SHOWN = 'CANNOT_BE_SHOWN';

/**
 * Throws UsageError `CANNOT_BE_SHOWN` if this machine has less than the scenario needs. `cpus`: the number of CPUs that
 * this process may use.
 */
export function checkNeeds(
  { name, needs }: { name: string; needs?: Needs },
  cpus = availableParallelism(),
): void {
  if (needs === undefined || cpus >= needs.cpus) return;
  const message = `${name} cannot be shown on this machine: it needs ${formatCounted(needs.cpus, 'CPU')}, and ${cpus} can be used`;
  throw new UsageError(CANNOT_BE_SHOWN, message);
}
