import { formatCounted, nounOf } from '../../../counted.ts';
import { formatDuration } from '../../../duration-text.ts';
import type {
  Capacity,
  CapacityAnswer,
  CurvePoint,
  CutShort,
} from '../../../result/records/capacity.ts';
import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import { findGivenOut } from '../given-out.ts';
import { leaveOutDown } from '../outage.ts';
import type { JudgedStep } from '../outcome.ts';
import { majorityOf } from '../settings.ts';
import {
  type Bracket,
  countByRate,
  findBracket,
  isTrial,
  type Vote,
  votesSustained,
  votesWithin,
} from '../trials/ballot.ts';
import { isSameRate } from '../trials/grid.ts';
import { isUnsure } from '../trials/unsure.ts';
import { findBounds } from './bounds.ts';
import { findDisturbance, measureChange } from './change.ts';
import { findConfirmation } from './confirmation.ts';
import { doubtAgreement, listDoubts } from './doubts.ts';
import { type Ends, findEnds } from './ends.ts';

/** End of a search, and its reason. */
export interface Ending {
  /** One line of text. */
  reason: string;
  /** Absent: it came to its own end. */
  cutShort?: CutShort;
  /** The step that was running then; absent: none was. */
  unfinished?: JudgedStep;
  /** The refusals, if they ended the search before a rate was not sustained. */
  wall?: string;
}

/** Returns what a search has found so far. */
export function findCapacity(
  settings: SearchSettings,
  judged: readonly JudgedStep[],
  ending: Ending,
  curve: CurvePoint[],
): Capacity {
  const steps = leaveOutDown(judged);
  const { cutShort, unfinished, wall } = ending;
  const answer = endAtWall(findAnswer(settings, steps, ending), wall);
  const { latencyGoalUs } = settings;
  const changed = measureChange(steps);
  const disturbed = findDisturbance(unfinished === undefined ? steps : [...steps, unfinished]);
  return {
    ...answer,
    ...(latencyGoalUs === undefined
      ? {}
      : {
          underGoal: { ...findGoalAnswer(settings, steps, ending, answer), goalUs: latencyGoalUs },
        }),
    confirmed: findConfirmation(steps, answer.lowerPerSecond),
    ...(changed === undefined ? {} : { changed }),
    ...(disturbed === undefined ? {} : { disturbed }),
    ...(cutShort === undefined ? {} : { cutShort }),
    ...listOutages(judged),
    curve,
  };
}

function listOutages(judged: readonly JudgedStep[]): Pick<Capacity, 'outages'> {
  const outages = judged.flatMap(({ verdict, because, outage }) =>
    verdict !== 'down' || outage === undefined
      ? []
      : [{ fromUs: outage.fromUs, toUs: outage.toUs, reason: because }],
  );
  return outages.length === 0 ? {} : { outages };
}

function endAtWall(answer: CapacityAnswer, wall: string | undefined): CapacityAnswer {
  const isOpen = answer.kind === 'not-reached' && answer.upperPerSecond === null;
  return wall === undefined || !isOpen ? answer : { ...answer, kind: 'wall', reason: wall };
}

/** The bracket that the votes give, and its ends as rates. */
interface Found {
  bracket: Bracket;
  ends: Ends;
  vote: Vote;
}

function bracketBy(
  vote: Vote,
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  isCut = false,
): Found {
  const voted = findBracket(countByRate(steps, vote), majorityOf(settings.trials));
  const isSure = !isCut || (voted.upper?.bad ?? 0) >= SURE_BAD;
  const bracket = isSure ? voted : { ...voted, upper: undefined };
  return { bracket, ends: findEnds(bracket, steps, settings), vote };
}

/**
 * Votes against a rate that make its failure certain. The search tries each rate that was not sustained once more. If
 * it was cut short before that, what ended it may also have kept the rate from being sustained.
 */
const SURE_BAD = 2;

function findAnswer(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  ending: Ending,
): CapacityAnswer {
  const isCut = ending.cutShort !== undefined;
  const found = bracketBy(votesSustained, settings, steps, isCut);
  const open = findOpenAnswer(found, steps, ending.reason);
  if (isCut) return findCutAnswer(settings, steps, { found, open, ending });
  if (open !== undefined && findConfirmation(steps, open.lowerPerSecond) === false) {
    return withoutFloor(open, settings, steps);
  }
  if (open !== undefined) {
    if (open.kind !== 'not-reached' || !isUnsureAbove(steps)) return open;
    const unsure = steps.filter((step) => isTrial(step) && isUnsure(step)).length;
    const reason = `${formatCounted(unsure, 'step')} ${nounOf(unsure, 'does', 'do')} not count, because ${nounOf(unsure, 'it was', 'they were')} held up or others took the CPU`;
    return { kind: 'unstable', ...findBounds(steps, settings), reason };
  }
  const confirmed = findConfirmation(steps, found.ends.lowerPerSecond);
  const doubts = listDoubts(settings, steps, { ...found, confirmed });
  if (doubts.length === 0) {
    return { kind: 'found', ...found.ends, reason: describeMisses(found, steps, ending.reason) };
  }
  return { kind: 'unstable', ...findBounds(steps, settings), reason: doubts.join('; ') };
}

/**
 * Returns what was found before the search was cut short. Steps that do not count give no upper bound: they could not
 * be tried again.
 */
function findCutAnswer(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  { found, open, ending }: { found: Found; open: CapacityAnswer | undefined; ending: Ending },
): CapacityAnswer {
  const confirmed = findConfirmation(steps, found.ends.lowerPerSecond);
  if (open !== undefined && (open.kind !== 'not-reached' || confirmed !== false)) return open;
  const doubts = listDoubts(settings, steps, { ...found, confirmed });
  const { reason } = ending;
  if (open === undefined && doubts.length === 0) {
    return { kind: 'found', ...found.ends, reason: describeMisses(found, steps, reason) };
  }
  const sure = steps.filter((step) => !isUnsure(step));
  const { upper } = found.bracket;
  const upperPerSecond = upper === undefined ? null : findBounds(sure, settings).upperPerSecond;
  const { upperUntried: _, ...bounds } = findBounds(steps, settings);
  return { kind: 'unstable', ...bounds, upperPerSecond, reason };
}

/** Returns the answer without its lower end, because the confirmation at a lower rate failed. */
function withoutFloor(
  open: CapacityAnswer,
  settings: SearchSettings,
  steps: readonly JudgedStep[],
): CapacityAnswer {
  if (open.kind !== 'not-reached') return { ...open, lowerPerSecond: null };
  const reason = 'a rate that was sustained at first was not sustained at the end';
  return { kind: 'unstable', ...findBounds(steps, settings), reason };
}

/**
 * Returns the lower end that the answer would have if it were confirmed, connects per second; null: none. The
 * confirmation runs at a share of it.
 */
export function findRateToConfirm(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
): number | null {
  const found = bracketBy(votesSustained, settings, steps);
  const { lowerPerSecond } = found.ends;
  const isOpen = findOpenAnswer(found, steps, '') !== undefined;
  const isSure = listDoubts(settings, steps, { ...found, confirmed: true }).length === 0;
  const rate = isOpen || isSure ? lowerPerSecond : findBounds(steps, settings).lowerPerSecond;
  return rate === null || rate <= 0 ? null : rate;
}

/**
 * Returns whether only steps that do not count kept the search from higher rates: most of those at the highest
 * sustained rate, or some above it.
 */
function isUnsureAbove(steps: readonly JudgedStep[]): boolean {
  const tried = steps.filter(isTrial);
  const sustained = tried.filter((step) => votesSustained(step) === true);
  const unsure = tried.filter(isUnsure);
  const highest = Math.max(0, ...sustained.map(({ level }) => level));
  const atHighest = (step: JudgedStep): boolean => isSameRate(step.level, highest);
  if (unsure.some((step) => step.level > highest && !atHighest(step))) return true;
  return unsure.filter(atHighest).length > sustained.filter(atHighest).length;
}

/**
 * Returns the answer for rates that also keep the latency goal. It claims no more certainty than the answer for the
 * capacity.
 */
function findGoalAnswer(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  ending: Ending,
  whole: CapacityAnswer,
): CapacityAnswer {
  const { latencyGoalUs = 0 } = settings;
  const isCut = ending.cutShort !== undefined;
  const found = bracketBy(votesWithin(latencyGoalUs), settings, steps, isCut);
  const open = findOpenAnswer(found, steps, ending.reason);
  if (open !== undefined) return open;
  const doubts = doubtAgreement(settings, steps, found);
  const reason = describeMisses(found, steps, ending.reason);
  if (whole.kind !== 'unstable' && doubts.length === 0) {
    return { kind: 'found', ...found.ends, reason };
  }
  return {
    kind: 'unstable',
    ...found.ends,
    reason: isCut ? ending.reason : (doubts[0] ?? whole.reason),
  };
}

/**
 * Returns an answer that is no interval between two rates of the target's own; undefined if there is such an interval.
 */
function findOpenAnswer(
  { bracket, ends, vote }: Found,
  steps: readonly JudgedStep[],
  ending: string,
): CapacityAnswer | undefined {
  const { lowerPerSecond, upperPerSecond } = ends;
  const givenOut = findGivenOut(steps);
  if (givenOut !== undefined) {
    return { kind: 'invalid', lowerPerSecond, upperPerSecond: null, reason: givenOut.because };
  }
  const { upper } = bracket;
  if (upper === undefined || upperPerSecond === null) {
    // Nothing is claimed about rates above, so the answer is the rate itself, or what was achieved of it.
    const { lowerPerSecond: sustained } = findEnds(bracket, steps, { tolerance: 0 });
    return { kind: 'not-reached', lowerPerSecond: sustained, upperPerSecond: null, reason: ending };
  }
  const reason = describeMisses({ bracket, ends, vote }, steps, ending);
  if (isWall(steps, upper.ratePerSecond)) {
    return { kind: 'wall', lowerPerSecond, upperPerSecond, reason };
  }
  if (lowerPerSecond !== null) return undefined;
  const rate = upper.ratePerSecond.toFixed(1);
  const text = `none of the rates that were tried was sustained; at ${rate}/s ${reason}`;
  return { kind: 'not-reached', lowerPerSecond, upperPerSecond, reason: text };
}

/** Returns the result of the last step at the rate that was not sustained. */
function describeMisses(
  { bracket: { upper }, vote }: Found,
  steps: readonly JudgedStep[],
  ending: string,
): string {
  if (upper === undefined) return ending;
  const { ratePerSecond } = upper;
  const worst = steps.findLast(
    (step) => isTrial(step) && isSameRate(step.level, ratePerSecond) && vote(step) === false,
  );
  return worst === undefined ? ending : describeMiss(worst);
}

/** Returns why the step counts against its rate: it was not sustained, or missed the latency goal. */
function describeMiss({ verdict, because, latency }: JudgedStep): string {
  const { p99Us } = latency;
  if (verdict !== 'good' || p99Us === null) return because;
  return `${because}, with p99 of latency ${formatDuration(p99Us)}`;
}

/** Returns whether most of the steps that were not sustained at a rate met refusals. */
function isWall(steps: readonly JudgedStep[], ratePerSecond: number): boolean {
  const against = steps.filter(
    (step) =>
      isTrial(step) &&
      isSameRate(step.level, ratePerSecond) &&
      (step.verdict === 'bad' || step.verdict === 'wall'),
  );
  return against.filter(({ verdict }) => verdict === 'wall').length * 2 > against.length;
}
