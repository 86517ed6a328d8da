import type { ExitReason } from '../errors.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

const REASON_OF_STOP = {
  end: [],
  signal: ['interrupted'],
  interrupted: ['interrupted'],
  condition: ['stopCondition'],
  error: ['internal'],
} satisfies Record<SummaryRecord['stoppedBy'], ExitReason[]>;

/** What holds for the exit code of whatever ended a run; nothing where that came to its end. */
export function findStopReasons({ stoppedBy }: Pick<SummaryRecord, 'stoppedBy'>): ExitReason[] {
  return REASON_OF_STOP[stoppedBy];
}

/** Everything in a summary that holds for the exit code; of a run and of a reader alike. */
export function findExitReasons(
  summary: Pick<SummaryRecord, 'stoppedBy' | 'validity' | 'budgets'>,
): ExitReason[] {
  const invalid: ExitReason[] = summary.validity.valid ? [] : ['invalid'];
  // What a stop condition kept from being judged has its exit code already.
  const isStopped = summary.stoppedBy === 'condition';
  const isBroken = summary.budgets.some(
    ({ verdict }) => verdict === 'fail' || (verdict === 'not-judged' && !isStopped),
  );
  const broken: ExitReason[] = isBroken ? ['budgetBroken'] : [];
  return [...findStopReasons(summary), ...invalid, ...broken];
}
