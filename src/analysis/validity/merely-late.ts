import type { Reason } from '../../result/records/summary-figures.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import type { JudgedMetric } from '../../scenario/figure.ts';

/** Metrics that count from the scheduled arrival, and so hold the lateness of its start. */
export const FROM_SCHEDULE: readonly JudgedMetric[] = [
  'latency',
  'firstQuery',
  'usable',
  'sessionLatency',
];

/** Phases that begin with a stamp that may be late itself: late stamps make them too short as well as too long. */
export const BEGUN_BY_STAMP: readonly JudgedMetric[] = ['spawn', 'tls', 'auth', 'ready', 'query'];

type Told = Pick<RoundSummary, 'validity' | 'metrics'>;

/**
 * connstorm began attempts late, and nothing else is wrong: figures that count from the schedule are too large by no more than it was
 * late. Of a closed loop nothing of the kind is known, as its delays are in every answer.
 */
export function isMerelyLate({ validity, metrics }: Told): boolean {
  const { latency, serviceTime, lateness } = metrics;
  const isOpen = lateness !== undefined && serviceTime?.count === latency?.count;
  return isOpen && !validity.valid && validity.reasons.every(({ code }) => code === LATE);
}

const LATE = 'LATE_GENERATOR';
/** What explains lateness by a want of CPU: the thread that started late came late to answers as well. */
const WANTS_CPU: readonly string[] = ['GENERATOR_STARVED', 'HOST_STOLEN'];

/**
 * connstorm began attempts late because it waited for a CPU, and nothing else is wrong. Then times since the actual start are too
 * long as well: their ends were stamped late, by about as much as starts were.
 */
export function isShortOfCpu({ validity, metrics }: Told): boolean {
  const causes = validity.reasons.filter(({ code }) => code !== LATE);
  const known = causes.filter(({ code }) => WANTS_CPU.includes(code));
  if (known.length === 0 || known.length < causes.length) return false;
  return isMerelyLate({ validity: { ...validity, reasons: justLate(validity) }, metrics });
}

function justLate({ reasons }: Told['validity']): Reason[] {
  return reasons.filter(({ code }) => code === LATE);
}

/** Whether figures of connects can be compared all the same, as bounds where they have to be. */
export function isBoundedByLateness(told: Told): boolean {
  return isMerelyLate(told) || isShortOfCpu(told);
}

export function isLate({ reasons }: Told['validity']): boolean {
  return reasons.some(({ code }) => code === LATE);
}

/** How late attempts were started, in the words of the validity that it spoils; reports and budgets say the same. */
export function tellLateness({ reasons }: Told['validity']): string {
  return reasons.find(({ code }) => code === LATE)?.message ?? 'connstorm started attempts late';
}

/** The reason to tell where there is room for one: what explains lateness says more than that. */
export function findWorst({ reasons }: Told['validity']): Reason | undefined {
  return reasons.find(({ code }) => code !== LATE) ?? reasons[0];
}

/** Its code alone. */
export function nameWorst(validity: Told['validity']): string | undefined {
  return findWorst(validity)?.code;
}
