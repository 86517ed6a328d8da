import type { CrowdRecord } from '../model/crowd.ts';
import type { Reason, Validity } from '../result/records/summary-figures.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';
import type { BudgetFigure } from '../scenario/budget.ts';
import { describeNamed } from '../scenario/named-figure.ts';
import { describeCrowding, findCrowding } from './comparison/crowding.ts';
import { QUANTILES } from './figures/quantiles.ts';
import {
  BEGUN_BY_STAMP,
  describeLateness,
  FROM_SCHEDULE,
  findWorst,
  isLate,
  isMerelyLate,
} from './validity/merely-late.ts';
import { toValidity } from './validity/validity.ts';

/** Parts of a run's summary that may keep its budgets from being judged. */
export type FlawedRun = Pick<SummaryRecord, 'validity' | 'steps' | 'metrics' | 'warnings'> & {
  crowd?: CrowdRecord;
  capacity?: SummaryRecord['capacity'];
  lateOnly?: true;
  leftOutOnly?: true;
};

/** Returns why the figure cannot be trusted, as a sentence without a full stop; undefined if it can. */
export function findFlaw(figure: BudgetFigure, run: FlawedRun): string | undefined {
  const ofRun = explain(figure, run, run.validity);
  if (ofRun !== undefined) {
    if (run.lateOnly === true) return ofRun;
    return run.leftOutOnly === true
      ? `the figure is of all rounds, and ${ofRun}`
      : `the measurement is invalid: ${ofRun}`;
  }
  // A search chooses its steps, and leaves invalid ones out.
  const isMixed = figure.kind === 'named' && describeNamed(figure.name).mixes === true;
  // CPU times of all its steps together, invalid ones too, are as true as those of one step.
  if (figure.metric === 'capacity' || (isMixed && run.capacity != null)) return undefined;
  for (const { index, validity } of run.steps) {
    // A step in which all attempts failed still has figures of failures.
    const known = toValidity(validity.reasons.filter(({ code }) => code !== 'NO_DATA'));
    const ofStep = explain(figure, run, known);
    if (ofStep !== undefined) return `step ${index + 1} is invalid: ${ofStep}`;
  }
  return undefined;
}

/** Returns which of the reasons in `validity` (that of the run or of a step) spoils the figure. */
function explain(
  figure: BudgetFigure,
  { metrics, crowd }: FlawedRun,
  validity: Validity,
): string | undefined {
  const worst = findWorst(validity);
  if (worst === undefined) return undefined;
  const isLateAlone = isMerelyLate({ validity, metrics }) && figure.metric !== 'capacity';
  return isLateAlone ? explainLateness(figure, validity, crowd) : worst.message;
}

/**
 * Returns how lateness of connstorm spoils the figure, if nothing else is wrong; undefined if it does not.
 *
 * - Times that count from the schedule include the lateness. Goodput is a share of such times.
 * - Times that count from the actual start, the phases within them, and counts do not include it. They change only if
 *   lateness has changed the load. When a hold-up lets starts pile up, the server meets an unplanned crowd, which takes
 *   longer and fails more often. The crowds as they were, and as they would have been on time, are recorded. An older
 *   file lacks them; then the effect is not known, and the budget is not judged. A budget may be on a small count, so
 *   counts are judged at the strictest quantile.
 *
 * A hold-up that delays starts may delay the stamps of answers, too: see `findOwnDelay`.
 */
function explainLateness(
  figure: BudgetFigure,
  validity: Validity,
  crowd: CrowdRecord | undefined,
): string | undefined {
  const late = describeLateness(validity);
  if (isFromSchedule(figure)) return `${figure.metric} counts from the schedule, and ${late}`;
  if (crowd === undefined) return `${late}; the file does not say whether that changed the load`;
  const crowding = findCrowding(crowd, figure.kind === 'quantile' ? figure.aggregation : 'max');
  return crowding === undefined
    ? undefined
    : `the target got a different load than planned: ${describeCrowding(crowding)}`;
}

function isFromSchedule(figure: BudgetFigure): boolean {
  if (figure.kind === 'quantile') return FROM_SCHEDULE.includes(figure.metric);
  // An arrival is slow by its latency, which counts from the schedule.
  return ['goodput', 'connected', 'recovery'].includes(figure.metric);
}

/**
 * Returns by how much a time of a late run may be wrong because of the same hold-ups, in microseconds. It may be too
 * long, because its end was stamped late; a phase may also be too short. The measure is the lateness of starts at the
 * same quantile, because the same threads start and stamp. undefined: the run was not late, or the figure is no such
 * time.
 */
export function findOwnDelay(
  figure: BudgetFigure,
  { validity, steps, metrics }: FlawedRun,
): { tooLongUs: number; tooShortUs: number } | undefined {
  const judged = [validity, ...steps.map((step) => step.validity)];
  const isOfRecovery = OF_RECOVERY.includes(figure.metric);
  if ((figure.kind !== 'quantile' && !isOfRecovery) || !judged.some(isLate)) return undefined;
  const aggregation = figure.kind === 'quantile' ? figure.aggregation : 'max';
  const tooLongUs = metrics.lateness?.[QUANTILES[aggregation].field] ?? 0;
  const isBegunByStamp =
    figure.kind === 'quantile' ? BEGUN_BY_STAMP.includes(figure.metric) : isOfRecovery;
  return { tooLongUs, tooShortUs: isBegunByStamp ? tooLongUs : 0 };
}

/** Figures whose two ends are moments of clients. */
const OF_RECOVERY: readonly string[] = ['outage', 'recovery', 'allBack', 'serves'];

/**
 * Returns why a time may be longer than without others on the machine. A time that is short enough in spite of that
 * still counts.
 */
export function findDisturbed({ warnings = [] }: FlawedRun): string | undefined {
  const disturbed = warnings.find(({ code }: Reason) => code === 'DISTURBED');
  return disturbed === undefined ? undefined : `could not be judged: ${disturbed.message}`;
}
