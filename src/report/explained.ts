import type { Cause } from '../result/records/bottleneck.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

/** The figures whose meaning a report can explain. */
export type Explained = 'spawn' | 'serverTimes' | 'lateness' | 'scram';

type Judged = Pick<SummaryRecord, 'bottleneck' | 'budgets' | 'validity' | 'warnings'>;

/**
 * Whether the verdict is about a figure: a budget names it, it is what gave out, or it makes the run invalid or is warned of. Then
 * a report explains it unasked.
 */
export function isVerdictAbout(
  figure: Explained,
  { bottleneck, budgets, validity, warnings = [] }: Judged,
): boolean {
  const { metrics, causes, codes } = ABOUT[figure];
  const reasons = [...validity.reasons, ...warnings];
  return (
    budgets.some(({ budget }) => metrics.some((metric) => startsWithWord(budget, metric))) ||
    (bottleneck !== null && causes.includes(bottleneck.cause)) ||
    reasons.some(({ code }) => codes.includes(code))
  );
}

/** The metrics of budgets, the causes, and the codes of reasons that are about each. */
const ABOUT: Record<
  Explained,
  { metrics: readonly string[]; causes: readonly Cause[]; codes: readonly string[] }
> = {
  spawn: { metrics: ['spawn'], causes: ['postmaster', 'accept-queue'], codes: [] },
  serverTimes: {
    metrics: ['queueWait', 'queueWaitEstimate', 'serverSetup', 'serverFork', 'serverAuth'],
    causes: ['postmaster', 'accept-queue'],
    codes: [],
  },
  lateness: { metrics: ['lateness'], causes: ['generator'], codes: ['LATE_GENERATOR'] },
  scram: { metrics: ['auth'], causes: ['auth'], codes: ['SCRAM_CPU', 'SLOW_KEYS'] },
};

/** `spawn p(99) < 5ms` starts with the word `spawn`; `spawnp50` does not. */
function startsWithWord(text: string, word: string): boolean {
  const next = text.trim().slice(word.length, word.length + 1);
  return text.trim().startsWith(word) && !/[A-Za-z]/.test(next);
}
