import type { CrowdRecord } from '../model/crowd.ts';
import type { Reason, Validity } from '../result/records/summary-figures.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';
import type { BudgetFigure } from '../scenario/budget.ts';
import { describeCrowding, findCrowding } from './comparison/crowding.ts';
import { QUANTILES } from './figures/quantiles.ts';
import {
  BEGUN_BY_STAMP,
  FROM_SCHEDULE,
  findWorst,
  isLate,
  isMerelyLate,
  tellLateness,
} from './validity/merely-late.ts';
import { toValidity } from './validity/validity.ts';

/** What of a run may keep its budgets from being judged. */
export type FlawedRun = Pick<SummaryRecord, 'validity' | 'steps' | 'metrics' | 'warnings'> & {
  crowd?: CrowdRecord;
  lateOnly?: true;
  leftOutOnly?: true;
};

/** Why the figure is not to be trusted, in a sentence without its end; undefined where it is. */
export function findFlaw(figure: BudgetFigure, run: FlawedRun): string | undefined {
  const ofRun = explain(figure, run, run.validity);
  if (ofRun !== undefined) {
    if (run.lateOnly === true) return ofRun;
    return run.leftOutOnly === true
      ? `the figure is of all rounds, and ${ofRun}`
      : `the measurement is invalid: ${ofRun}`;
  }
  // A search chooses its steps, and leaves out what is invalid.
  if (figure.metric === 'capacity') return undefined;
  for (const { index, validity } of run.steps) {
    // What becomes of attempts is a figure also of a step in which all of them failed.
    const known = toValidity(validity.reasons.filter(({ code }) => code !== 'NO_DATA'));
    const ofStep = explain(figure, run, known);
    if (ofStep !== undefined) return `step ${index + 1} is invalid: ${ofStep}`;
  }
  return undefined;
}

/** What of `validity`, the run's or a step's, spoils the figure. */
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
 * What lateness of ours can spoil, where nothing else is wrong:
 *
 * - Times that count from the schedule, as lateness is a part of each of them; goodput is a share of such times.
 * - Times that count from the actual start, and the phases within them, hold none of it. Nor do counts. They change only where
 *   lateness has changed the load: where a hold-up lets starts pile up, the server meets a crowd that was not planned, which takes
 *   longer and fails more often. How crowded it was, and would have been on time, is recorded; where it is not (an older file),
 *   nobody can tell, and nothing is judged. A budget may be a count of a few, so counts are held to the strictest quantile.
 *
 * What holds up starts may hold up the stamps of answers as well: see `findOwnDelay`.
 */
function explainLateness(
  figure: BudgetFigure,
  validity: Validity,
  crowd: CrowdRecord | undefined,
): string | undefined {
  const late = tellLateness(validity);
  if (isFromSchedule(figure)) return `${figure.metric} counts from the schedule, and ${late}`;
  if (crowd === undefined) return `${late}; the file does not say whether that changed the load`;
  const crowding = findCrowding(crowd, figure.unit === 'us' ? figure.aggregation : 'max');
  return crowding === undefined
    ? undefined
    : `the target got a different load than planned: ${describeCrowding(crowding)}`;
}

function isFromSchedule(figure: BudgetFigure): boolean {
  return figure.unit === 'us' ? FROM_SCHEDULE.includes(figure.metric) : figure.metric === 'goodput';
}

/**
 * By how much a time of a run that was late may be wrong for the same hold-ups, in microseconds: too long, as its end was stamped late,
 * and a phase also too short. How late starts were at the same quantile is the measure, as the same threads start and stamp. Undefined
 * for what was not late, and for what is no such time.
 */
export function findOwnDelay(
  figure: BudgetFigure,
  { validity, steps, metrics }: FlawedRun,
): { tooLongUs: number; tooShortUs: number } | undefined {
  const judged = [validity, ...steps.map((step) => step.validity)];
  if (figure.unit !== 'us' || !judged.some(isLate)) return undefined;
  const tooLongUs = metrics.lateness?.[QUANTILES[figure.aggregation].field] ?? 0;
  return { tooLongUs, tooShortUs: BEGUN_BY_STAMP.includes(figure.metric) ? tooLongUs : 0 };
}

/** Why a time may be longer than it would have been without others. One that is short enough all the same is. */
export function findDisturbed({ warnings = [] }: FlawedRun): string | undefined {
  const disturbed = warnings.find(({ code }: Reason) => code === 'DISTURBED');
  return disturbed === undefined ? undefined : `could not be judged: ${disturbed.message}`;
}
