import type { ErrorCount } from '../../result/records/intervals.ts';
import { isClosedLoop } from '../search/judge-step.ts';
import type { StepOutcome, StepVerdict } from '../search/outcome.ts';
import { FAILED_SHARE, SUSTAINED_SHARE } from '../sustained.ts';
import { sortFailures, sumCounts } from '../validity/failure-kinds.ts';
import type { Judged, RunEvidence, Tallied } from './run-evidence.ts';

/** The steps that a verdict rests on. */
export interface SortedSteps {
  calm: Judged[];
  /** Those that were not sustained; where all were, the ones that come nearest to load. */
  judged: Judged[];
  isSustained: boolean;
  /** connstorm gave out before the target. */
  isOwnFault: boolean;
  /** A search was cut short before a rate was too high: what ended it says nothing of load. Absent: it was not. */
  isUndecided?: true;
}

/** Times the rate that was sustained: just beyond the knee hardly anything has piled up yet. */
const CLEARLY_BEYOND = 1.1;

/** Of load that was planned beforehand: a step is sustained by what was achieved in it; a closed loop never is, it takes what it gets. */
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
  const { due, dropped, started, failed } = tally.counts;
  if (record.loop === 'closed' || due === 0) return false;
  return (
    dropped === 0 && failed <= FAILED_SHARE * started && tally.completed >= SUSTAINED_SHARE * due
  );
}

function sumStarted(steps: readonly Tallied[]): number {
  return steps.reduce((sum, { tally }) => sum + tally.counts.started, 0);
}

/** Of a search: its own verdicts, and what it found. */
export function sortSearched(
  steps: readonly Tallied[],
  { capacity, steps: outcomes }: NonNullable<RunEvidence['search']>,
): SortedSteps {
  const judged: Judged[] = steps.flatMap((step, at) => {
    const outcome = outcomes[at];
    return outcome === undefined || isClosedLoop(outcome) ? [] : [{ ...step, outcome }];
  });
  // Nothing but closed loops were over: of them a wall tells what gave out.
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
  // Some are good only by what the ends of their window may hide.
  const whole = searched.filter(({ outcome }) => outcome !== undefined && isWhole(outcome));
  const shown = (whole.length > 0 ? whole : searched).slice(-1);
  const { cutShort, upperPerSecond } = capacity;
  if (cutShort !== undefined && upperPerSecond === null) {
    if (refused.length > 0) return { ...sorted, judged: refused, isUndecided: true };
    // What ended the search says nothing of load, and the steps before it nothing of what ended the search.
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

/** A person, or the end of the file, that cut a search short. */
const NOT_THE_TARGETS: ReadonlySet<string> = new Set(['signal', 'interrupted']);

/** The wall that a closed loop met: in a step that was judged, or (`isLast`) in the one that the run ended in, which is not. */
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

/** What others took from the target in a step is no evidence of what gives out by itself; all of them where none is left. */
function pickUndisturbed(steps: Judged[]): Judged[] {
  const undisturbed = steps.filter(({ outcome }) => outcome?.takenShare === undefined);
  return undisturbed.length > 0 ? undisturbed : steps;
}

/** Where some are clearly beyond what was sustained, those alone. */
function pickBeyond(steps: Judged[], sustainedPerSecond: number | null): Judged[] {
  const fromPerSecond = (sustainedPerSecond ?? 0) * CLEARLY_BEYOND;
  const beyond = steps.filter(({ record }) => (record.startRatePerSecond ?? 0) >= fromPerSecond);
  return beyond.length > 0 ? beyond : steps;
}
