import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';

/**
 * Failed attempts by whether slots were the reason. Timeouts and failures at this machine's own limits are counted
 * elsewhere.
 */
export interface FailureKinds {
  /** Refused because no slot was free. */
  refused: ErrorCount[];
  /** Failed for any other reason. */
  broken: ErrorCount[];
}

/** Sorts failed attempts, in the order given. Connections that failed later have their own ledger. */
export function sortFailures(errors: readonly ErrorCount[]): FailureKinds {
  const attempts = errors.filter(
    ({ ledger, layer }) => ledger === 'attempt' && layer !== 'timeout' && layer !== 'local',
  );
  return {
    refused: attempts.filter(isSlotRefusal),
    broken: attempts.filter((error) => !isSlotRefusal(error)),
  };
}

export function sumCounts(errors: readonly { count: number }[]): number {
  return errors.reduce((sum, { count }) => sum + count, 0);
}
