import type { Cause } from '../result/records/bottleneck.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';

/** Figures that a report can explain. */
export type Explained = 'spawn' | 'serverTimes' | 'lateness' | 'scram';

type Judged = Pick<SummaryRecord, 'bottleneck' | 'budgets' | 'validity' | 'warnings'>;

/**
 * Returns whether the verdict is about a figure. It is if a budget names the figure, or if it concerns the cause that
 * gave out, a reason or a warning. A report then explains the figure without --explain.
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

/** The budget metrics, causes and reason codes that are about each figure. */
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

/** Returns true for `spawn p(99) < 5ms` and the word `spawn`, but not for `spawnp50`. */
function startsWithWord(text: string, word: string): boolean {
  const next = text.trim().slice(word.length, word.length + 1);
  return text.trim().startsWith(word) && !/[A-Za-z]/.test(next);
}
