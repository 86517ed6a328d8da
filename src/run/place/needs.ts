import { availableParallelism } from 'node:os';
import { formatCounted } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import { HugePagesError } from '../../lab/postgres/huge-pages.ts';
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
  if (needs?.cpus === undefined || cpus >= needs.cpus) return;
  const lack = `${formatCounted(needs.cpus, 'CPU')}, and ${cpus} can be used`;
  throw new UsageError(CANNOT_BE_SHOWN, describeLack(name, lack));
}

/**
 * Returns the error that the scenario cannot be shown, if `error` says that huge pages are lacking and the scenario
 * needs them; any other error as it is.
 */
export function excuseHugePages(
  error: unknown,
  { name, needs }: { name: string; needs?: Needs },
): unknown {
  const isExcused = needs?.hugePages === true && error instanceof HugePagesError;
  if (!isExcused) return error;
  return new UsageError(CANNOT_BE_SHOWN, describeLack(name, error.lack), { cause: error });
}

function describeLack(name: string, lack: string): string {
  return `${name} cannot be shown on this machine: it needs ${lack}`;
}
