import type { ExitReason } from '../errors.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

const REASON_OF_STOP = {
  end: [],
  signal: ['interrupted'],
  interrupted: ['interrupted'],
  condition: ['stopCondition'],
  event: ['stopCondition'],
  error: ['internal'],
} satisfies Record<SummaryRecord['stoppedBy'], ExitReason[]>;

/** Returns the reasons for the exit code from what ended a run; an empty list if it came to its end. */
export function findStopReasons({ stoppedBy }: Pick<SummaryRecord, 'stoppedBy'>): ExitReason[] {
  return REASON_OF_STOP[stoppedBy];
}

/** Returns all reasons for the exit code in a summary, for the run itself and for readers of its file. */
export function findExitReasons(
  summary: Pick<SummaryRecord, 'stoppedBy' | 'validity' | 'budgets'>,
): ExitReason[] {
  const invalid: ExitReason[] = summary.validity.valid ? [] : ['invalid'];
  // A budget that a stop condition or a failed event kept from being judged adds no reason: they are one already.
  const isStopped = summary.stoppedBy === 'condition' || summary.stoppedBy === 'event';
  const isBroken = summary.budgets.some(
    ({ verdict }) => verdict === 'fail' || (verdict === 'not-judged' && !isStopped),
  );
  const broken: ExitReason[] = isBroken ? ['budgetBroken'] : [];
  return [...findStopReasons(summary), ...invalid, ...broken];
}
