import type { Reason } from '../../result/records/summary-figures.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import type { JudgedMetric } from '../../scenario/figure.ts';

/** Metrics that count from the scheduled arrival, so that they include the lateness of the start. */
export const FROM_SCHEDULE: readonly JudgedMetric[] = [
  'latency',
  'firstQuery',
  'usable',
  'sessionLatency',
];

/** Phases that begin with a stamp that may itself be late. Late stamps make them too short or too long. */
export const BEGUN_BY_STAMP: readonly JudgedMetric[] = ['spawn', 'tls', 'auth', 'ready', 'query'];

type Judged = Pick<RoundSummary, 'validity' | 'metrics'>;

/**
 * Returns whether connstorm began attempts late, and nothing else is wrong. Figures that count from the schedule are
 * then too large by at most the lateness. Returns false for a closed loop, whose delays are in every answer.
 */
export function isMerelyLate({ validity, metrics }: Judged): boolean {
  const { latency, serviceTime, lateness } = metrics;
  const isOpen = lateness !== undefined && serviceTime?.count === latency?.count;
  return isOpen && !validity.valid && validity.reasons.every(({ code }) => code === LATE);
}

const LATE = 'LATE_GENERATOR';
/** Reasons that explain lateness by a lack of CPU. The thread that started late was then late for answers, too. */
const WANTS_CPU: readonly string[] = ['GENERATOR_STARVED', 'HOST_STOLEN'];

/**
 * Returns whether connstorm began attempts late because it waited for a CPU, and nothing else is wrong. Times from the
 * actual start are then too long as well: their ends were stamped about as late as starts were.
 */
export function isShortOfCpu({ validity, metrics }: Judged): boolean {
  const causes = validity.reasons.filter(({ code }) => code !== LATE);
  const known = causes.filter(({ code }) => WANTS_CPU.includes(code));
  if (known.length === 0 || known.length < causes.length) return false;
  return isMerelyLate({ validity: { ...validity, reasons: justLate(validity) }, metrics });
}

function justLate({ reasons }: Judged['validity']): Reason[] {
  return reasons.filter(({ code }) => code === LATE);
}

/** Returns whether figures of connects can still be compared, if need be as bounds. */
export function isBoundedByLateness(judged: Judged): boolean {
  return isMerelyLate(judged) || isShortOfCpu(judged);
}

export function isLate({ reasons }: Judged['validity']): boolean {
  return reasons.some(({ code }) => code === LATE);
}

/** Returns how late attempts were started, in the words of the validity. Reports and budgets use the same words. */
export function describeLateness({ reasons }: Judged['validity']): string {
  return reasons.find(({ code }) => code === LATE)?.message ?? 'connstorm started attempts late';
}

/**
 * Returns the one reason to show if there is room for only one. A cause of lateness is preferred to the lateness
 * itself.
 */
export function findWorst({ reasons }: Judged['validity']): Reason | undefined {
  return reasons.find(({ code }) => code !== LATE) ?? reasons[0];
}

/** Returns the code of that reason. */
export function nameWorst(validity: Judged['validity']): string | undefined {
  return findWorst(validity)?.code;
}
