import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';

/** Failed attempts by who is to blame; those of timeouts and of this machine's own limits are counted elsewhere. */
export interface FailureKinds {
  /** For want of slots. */
  refused: ErrorCount[];
  /** For any other reason. */
  broken: ErrorCount[];
}

/** What came of attempts, in the order given; connections that failed later have a ledger of their own. */
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
