import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import { isClosedLoop } from '../judge-step.ts';
import type { JudgedStep } from '../outcome.ts';
import { TASTE_CLIENTS } from '../settings.ts';

/**
 * Controls repeat the same closed loop at saturation, where a change of the target shows. At a rate below the knee it
 * would not.
 */

/** Number of trials between two controls. */
const TRIALS_BETWEEN = 3;
/**
 * A control has this many times the clients that the best rate keeps in flight at low load. On a slow network, fewer
 * would not keep the target busy.
 */
const CLIENTS_FACTOR = 2;
const MOST_CLIENTS = 512;

/** Difference between the controls of a search, in connects per second. */
export interface Drift {
  lowPerSecond: number;
  highPerSecond: number;
  /** The difference exceeds the tolerance, and what chance explains for this number of controls. */
  isSignificant: boolean;
}

/**
 * Returns the number of clients of every control of a search; undefined if a closed loop was refused, because controls
 * then show nothing.
 */
export function chooseControlClients(steps: readonly JudgedStep[]): number | undefined {
  const [, most] = TASTE_CLIENTS;
  if (steps.some((step) => isClosedLoop(step) && step.verdict !== 'good')) return undefined;
  const baseline = steps.find(({ role }) => role === 'baseline');
  const climbed = steps.filter(({ role }) => role === 'climb');
  const best = Math.max(0, ...climbed.map(({ achievedPerSecond }) => achievedPerSecond));
  const held = Math.ceil((CLIENTS_FACTOR * best * (baseline?.latency.p50Us ?? 0)) / 1e6);
  return Math.min(MOST_CLIENTS, Math.max(most, held));
}

/** Returns whether a control is due, once the knee is bracketed. `isLast`: trials and confirmation have ended. */
export function isControlDue(steps: readonly JudgedStep[], isLast: boolean): boolean {
  const at = steps.findLastIndex(({ role }) => role === 'control');
  if (at < 0) return true;
  const since = steps.slice(at + 1).filter(({ role }) => role === 'trial' || role === 'hold');
  return isLast ? since.length > 0 : since.length >= TRIALS_BETWEEN;
}

/**
 * Returns the closed loops with as many clients as the controls; without a control, with as many as the largest taste.
 */
export function listLoops(steps: readonly JudgedStep[]): JudgedStep[] {
  const loops = steps.filter((step) => isClosedLoop(step) && step.verdict === 'good');
  const clients = loops.at(-1)?.level;
  return loops.filter(({ level }) => level === clients);
}

/** Returns the controls that can be compared, because others did not disturb them. */
export function listControls(steps: readonly JudgedStep[]): JudgedStep[] {
  return listLoops(steps).filter(({ takenShare }) => takenShare === undefined);
}

/**
 * Largest standard deviation of a connect's time, as a share of its mean. The count of connects served one after
 * another in a stretch of time deviates by this share divided by the square root of the count (renewal theory: the
 * variance of N is about cv^2 * N).
 */
const LARGEST_CV = 0.5;

/** Returns undefined with fewer than two controls. */
export function findDrift(
  controls: readonly JudgedStep[],
  { tolerance }: Pick<SearchSettings, 'tolerance'>,
): Drift | undefined {
  const sorted = [...controls].sort((a, b) => a.achievedPerSecond - b.achievedPerSecond);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || sorted.length < 2) return undefined;
  const change = high.achievedPerSecond / low.achievedPerSecond - 1;
  const error = LARGEST_CV * Math.sqrt(1 / countOf(low) + 1 / countOf(high));
  return {
    lowPerSecond: low.achievedPerSecond,
    highPerSecond: high.achievedPerSecond,
    isSignificant: change > Math.max(tolerance, countErrors(sorted.length) * error),
  };
}

/**
 * Returns the number of standard errors that is significant: three for two controls. The lowest and the highest of
 * several differ by more, so the bound grows with the number of pairs, as the tail of the normal distribution falls
 * (Bonferroni's correction, by exp(-z^2 / 2)).
 */
function countErrors(controls: number): number {
  const pairs = (controls * (controls - 1)) / 2;
  return Math.sqrt(3 ** 2 + 2 * Math.log(pairs));
}

function countOf({ achievedPerSecond, measuredUs }: JudgedStep): number {
  return Math.max(1, (achievedPerSecond * measuredUs) / 1e6);
}
