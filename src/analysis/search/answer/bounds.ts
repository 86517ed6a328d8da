import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import type { JudgedStep } from '../outcome.ts';
import { isTrial } from '../trials/ballot.ts';
import { listLoops } from '../trials/controls.ts';
import { type Ends, NEAR_SHARE } from './ends.ts';

/** Bounds on the capacity of a target that changed during the search. */
export interface Bounds extends Ends {
  /** The lowest rate that was achieved near saturation, for a short time, if it is below the lower bound. */
  leastPerSecond?: number;
  /**
   * The upper bound is above every rate that was tried: it allows for the CPU that others took. Absent: it is not.
   */
  upperUntried?: true;
}

/**
 * Evidence of one step about the capacity: a rate achieved near saturation, or (`isAtLeast`) a sustained rate, which
 * the capacity is at least.
 */
interface Sight {
  perSecond: number;
  isAtLeast: boolean;
  atUs: number;
  isDisturbed: boolean;
}

/** The target was below the lower bound for at most this share of the time in which it was seen near saturation. */
const LASTING_SHARE = 0.2;
/** From this number of undisturbed sights on, disturbed ones do not lower the lower bound. */
const ENOUGH_UNDISTURBED = 4;
/** Share of the CPU. If others took more, what the target did with the rest shows nothing about its capacity. */
const MOST_TAKEN = 0.9;
/** Both bounds are moved outwards by this share of the tolerance. */
const ERROR_SHARE = 0.5;

/**
 * Returns bounds that agree with all that a search has seen, disturbed steps included. The target was below the lower
 * bound for less than a fifth of the time in which it was seen near saturation, and the lower bound does not exceed the
 * highest sustained rate. No rate above the upper bound was sustained, and no closed loop achieved more. null: no rate
 * was too high, or none was sustained.
 */
export function findBounds(
  steps: readonly JudgedStep[],
  { tolerance }: Pick<SearchSettings, 'tolerance'>,
): Bounds {
  const seen = listSights(steps);
  const known = seen.filter(({ isAtLeast }) => !isAtLeast);
  const most = Math.max(...seen.map(({ perSecond }) => perSecond), ...listAchieved(steps));
  const lasting = findLasting(pickUndisturbed(seen));
  if (known.length === 0 || lasting === undefined) {
    return { lowerPerSecond: null, upperPerSecond: null };
  }
  const error = ERROR_SHARE * tolerance;
  const least = Math.min(...known.map(({ perSecond }) => perSecond));
  const sustained = steps.filter((step) => isRated(step) && step.verdict === 'good');
  // A closed loop may achieve more than any sustained rate. The answer claims no more than the sustained rates showed.
  const highest = Math.max(0, ...sustained.map(({ level }) => level));
  // If the target did nothing at times, the bound would be 0, which shows nothing.
  const isBounded = highest > 0 && lasting > 0;
  const lowerPerSecond = isBounded ? Math.min(highest, lasting * (1 - error)) : null;
  const upperPerSecond = findUpper(steps, most, error);
  const isUntried = (upperPerSecond ?? 0) > findHighestTried(steps) * (1 + error) * (1 + 1e-6);
  return {
    lowerPerSecond,
    upperPerSecond,
    ...(isUntried ? { upperUntried: true } : {}),
    ...(lowerPerSecond !== null && least < lowerPerSecond ? { leastPerSecond: least } : {}),
  };
}

function listSights(steps: readonly JudgedStep[]): Sight[] {
  const rated = steps.filter((step) => isRated(step) && step.verdict !== 'wall');
  const sustained = rated.filter(({ verdict }) => verdict === 'good');
  const highest = Math.max(0, ...sustained.map(({ level }) => level));
  const missed = rated.filter(({ verdict }) => verdict !== 'good');
  const nearest = Math.min(...missed.map(({ level }) => level));
  const near = missed.filter(({ level }) => level <= NEAR_SHARE * Math.max(highest, nearest));
  return [
    ...sustained.map((step) => sight(step, step.level, true)),
    ...near.map((step) => sight(step, Math.min(step.level, step.achievedPerSecond), false)),
    ...listLoops(steps).map((step) => sight(step, step.achievedPerSecond, false)),
  ];
}

function sight({ atUs, takenShare }: JudgedStep, perSecond: number, isAtLeast: boolean): Sight {
  return { perSecond, isAtLeast, atUs, isDisturbed: takenShare !== undefined };
}

/** Returns all sights if too few are undisturbed. */
function pickUndisturbed(seen: readonly Sight[]): readonly Sight[] {
  const undisturbed = seen.filter(({ isDisturbed }) => !isDisturbed);
  const known = undisturbed.filter(({ isAtLeast }) => !isAtLeast);
  return known.length >= ENOUGH_UNDISTURBED ? undisturbed : seen;
}

function isRated(step: JudgedStep): boolean {
  const { role, verdict } = step;
  return (isTrial(step) || role === 'hold') && verdict !== 'invalid' && verdict !== 'broken';
}

/** Returns the highest rate that was seen and that the target was below for at most `LASTING_SHARE` of the time. */
function findLasting(seen: readonly Sight[]): number | undefined {
  const known = seen.filter(({ isAtLeast }) => !isAtLeast).map(({ perSecond }) => perSecond);
  const lasting = known.filter((perSecond) => shareBelow(seen, perSecond) <= LASTING_SHARE);
  return lasting.length === 0 ? undefined : Math.max(...lasting);
}

/**
 * Returns the share of the time in which the target did less than a rate. Each sight that shows something about this
 * rate stands for the time around it, up to half of the way to its neighbours.
 */
function shareBelow(seen: readonly Sight[], perSecond: number): number {
  const near = seen
    .filter((it) => !it.isAtLeast || it.perSecond >= perSecond)
    .sort((a, b) => a.atUs - b.atUs);
  const times = near.map(({ atUs }) => atUs);
  const edgeUs = (at: number): number =>
    ((times[at - 1] ?? 0) + (times[at] ?? times.at(-1) ?? 0)) / 2;
  let belowUs = 0;
  near.forEach((it, at) => {
    const fromUs = at === 0 ? 0 : edgeUs(at);
    if (!it.isAtLeast && it.perSecond < perSecond) belowUs += edgeUs(at + 1) - fromUs;
  });
  const totalUs = times.at(-1) ?? 0;
  return totalUs === 0 ? 0 : belowUs / totalUs;
}

/** Returns the achieved rate of every step with a rate, however far beyond the knee. */
function listAchieved(steps: readonly JudgedStep[]): number[] {
  return steps
    .filter(isRated)
    .map(({ level, achievedPerSecond }) => Math.min(level, achievedPerSecond));
}

/**
 * Returns the upper bound: the lowest rate above all that was achieved at which connects piled up. Without one: the
 * highest achieved rate, if closed loops have shown what the target does at saturation. null: nothing shows an upper
 * bound. If others took a share of the CPU, the bound is raised by what the target alone might do.
 */
function findUpper(steps: readonly JudgedStep[], most: number, error: number): number | null {
  const bad = steps.filter((step) => isRated(step) && step.verdict === 'bad');
  const above = bad.map((step) => alone(step, step.level)).filter((rate) => rate > most);
  if (above.length > 0) return Math.min(...above) * (1 + error);
  const loops = listLoops(steps).map((step) => alone(step, step.achievedPerSecond));
  return bad.length > 0 && loops.length > 0 ? Math.max(most, ...loops) * (1 + error) : null;
}

/** Returns the highest rate that was tried, or that a closed loop achieved. */
function findHighestTried(steps: readonly JudgedStep[]): number {
  const loops = listLoops(steps).map(({ achievedPerSecond }) => achievedPerSecond);
  return Math.max(...steps.filter(isRated).map(({ level }) => level), ...loops);
}

/** Returns the rate that the target might reach with the CPU that others took in a step. */
function alone({ takenShare = 0 }: JudgedStep, perSecond: number): number {
  return perSecond / (1 - Math.min(MOST_TAKEN, takenShare));
}
