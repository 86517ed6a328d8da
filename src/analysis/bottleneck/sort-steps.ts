import type { ErrorCount } from '../../result/records/intervals.ts';
import { isClosedLoop } from '../search/judge-step.ts';
import type { StepOutcome, StepVerdict } from '../search/outcome.ts';
import { FAILED_SHARE, SUSTAINED_SHARE } from '../sustained.ts';
import { sortFailures, sumCounts } from '../validity/failure-kinds.ts';
import type { Judged, RunEvidence, Tallied } from './run-evidence.ts';

/** Steps that a verdict rests on. */
export interface SortedSteps {
  calm: Judged[];
  /** Steps that were not sustained. If all were, the ones that come nearest to full load. */
  judged: Judged[];
  isSustained: boolean;
  /** connstorm gave out before the target. */
  isOwnFault: boolean;
  /**
   * True: a search was cut short before a rate was too high, so its end shows nothing about load. Absent: it was not.
   */
  isUndecided?: true;
}

/** Factor of the sustained rate. Just beyond the knee hardly anything has piled up yet. */
const CLEARLY_BEYOND = 1.1;

/**
 * Sorts the steps of a planned load. A step is sustained by what was achieved in it. A closed loop never counts as
 * sustained, because it offers no rate.
 */
export function sortSteps(steps: readonly Tallied[], errors: readonly ErrorCount[]): SortedSteps {
  const begun = steps.filter(({ tally }) => tally.counts.due + tally.counts.started > 0);
  const isRefused = sumCounts(sortFailures(errors).refused) > FAILED_SHARE * sumStarted(begun);
  const calm = begun.filter((step) => !isRefused && isSustained(step));
  const judged = begun.filter((step) => !calm.includes(step));
  const isAll = judged.length === 0;
  return isAll
    ? { calm: [], judged: calm.slice(-1), isSustained: true, isOwnFault: false }
    : { calm, judged, isSustained: false, isOwnFault: false };
}

function isSustained({ record, tally }: Tallied): boolean {
  const { due, dropped } = tally.counts;
  const started = tally.counts.started - tally.passedOn;
  const failed = tally.counts.failed - tally.passedOn;
  if (record.loop === 'closed' || due === 0) return false;
  return (
    dropped === 0 && failed <= FAILED_SHARE * started && tally.completed >= SUSTAINED_SHARE * due
  );
}

function sumStarted(steps: readonly Tallied[]): number {
  return steps.reduce((sum, { tally }) => sum + tally.counts.started, 0);
}

/** Sorts the steps of a search by its verdicts and its answer. */
export function sortSearched(
  steps: readonly Tallied[],
  { capacity, steps: outcomes }: NonNullable<RunEvidence['search']>,
): SortedSteps {
  const judged: Judged[] = steps.flatMap((step, at) => {
    const outcome = outcomes[at];
    if (outcome === undefined || isClosedLoop(outcome) || outcome.verdict === 'down') return [];
    return [{ ...step, outcome }];
  });
  // Only closed loops have ended. Among those, a wall shows what gave out.
  if (judged.length === 0) {
    const walls = findClosedWall(steps, outcomes, capacity.kind === 'wall');
    return { calm: [], judged: walls, isSustained: false, isOwnFault: false };
  }
  const pick = (...verdicts: StepVerdict[]): Judged[] =>
    judged.filter(({ outcome }) => outcome !== undefined && verdicts.includes(outcome.verdict));
  const good = pick('good');
  const baseline = good.filter(({ record }) => record.role === 'baseline');
  const calm = baseline.length > 0 ? baseline : good.slice(0, 1);
  const sorted = { calm, isSustained: false, isOwnFault: false };
  if (capacity.kind === 'invalid') {
    const invalid = pick('invalid');
    return { ...sorted, judged: invalid.length > 0 ? invalid : judged.slice(-1), isOwnFault: true };
  }
  if (capacity.kind === 'wall') {
    const walls = pick('wall');
    return { ...sorted, judged: walls.length > 0 ? walls : findClosedWall(steps, outcomes, true) };
  }
  const refused = judged.filter(({ outcome }) => outcome !== undefined && isRefused(outcome));
  const searched = good.filter(({ record }) => record.role !== 'baseline');
  // Some steps are good only because the ends of their window may hide what is missing.
  const whole = searched.filter(({ outcome }) => outcome !== undefined && isWhole(outcome));
  const shown = (whole.length > 0 ? whole : searched).slice(-1);
  const { cutShort, upperPerSecond } = capacity;
  if (cutShort !== undefined && upperPerSecond === null) {
    if (refused.length > 0) return { ...sorted, judged: refused, isUndecided: true };
    // What ended the search shows nothing about load, and the steps before show nothing about what ended the search.
    const broken = pick('broken');
    if (broken.length > 0) return { ...sorted, judged: broken, isUndecided: true };
    const isMissed = pick('bad', 'held-up', 'wall').length > 0;
    if (isMissed || !NOT_THE_TARGETS.has(cutShort.by)) {
      return { ...sorted, judged: shown.length > 0 ? shown : judged.slice(-1), isUndecided: true };
    }
  }
  const bad = pickUndisturbed(pick('bad'));
  if (upperPerSecond !== null)
    return {
      ...sorted,
      judged: bad.length > 0 ? pickBeyond(bad, capacity.lowerPerSecond) : pick('wall', 'held-up'),
    };
  if (refused.length > 0) return { ...sorted, judged: refused };
  return { ...sorted, judged: shown, isSustained: true };
}

/** Ways to cut a search short that are not the target's: by a person, or by the end of the file. */
const NOT_THE_TARGETS: ReadonlySet<string> = new Set(['signal', 'interrupted']);

/**
 * Returns the wall that a closed loop met: in a judged step, or (`isLast`) in the step in which the run ended, which
 * was not judged.
 */
function findClosedWall(
  steps: readonly Tallied[],
  outcomes: NonNullable<RunEvidence['search']>['steps'],
  isLast: boolean,
): Judged[] {
  const at = outcomes.findLastIndex(({ verdict }) => verdict === 'wall');
  const [step, outcome] = [steps[at], outcomes[at]];
  if (step !== undefined && outcome !== undefined) return [{ ...step, outcome }];
  return isLast ? steps.slice(outcomes.length, outcomes.length + 1) : [];
}

function isRefused({ refused, started }: StepOutcome): boolean {
  return refused > FAILED_SHARE * started;
}

function isWhole({ achievedPerSecond, offeredPerSecond }: StepOutcome): boolean {
  return achievedPerSecond >= SUSTAINED_SHARE * offeredPerSecond;
}

/**
 * Returns the steps without those in which others took CPU from the target: they are no evidence of what gives out by
 * itself. Returns all steps if no other is left.
 */
function pickUndisturbed(steps: Judged[]): Judged[] {
  const undisturbed = steps.filter(({ outcome }) => outcome?.takenShare === undefined);
  return undisturbed.length > 0 ? undisturbed : steps;
}

/** Returns only the steps clearly beyond the sustained rate; all steps if there are none. */
function pickBeyond(steps: Judged[], sustainedPerSecond: number | null): Judged[] {
  const fromPerSecond = (sustainedPerSecond ?? 0) * CLEARLY_BEYOND;
  const beyond = steps.filter(({ record }) => (record.startRatePerSecond ?? 0) >= fromPerSecond);
  return beyond.length > 0 ? beyond : steps;
}
