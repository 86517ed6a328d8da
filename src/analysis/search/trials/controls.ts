import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import { isClosedLoop } from '../judge-step.ts';
import type { JudgedStep } from '../outcome.ts';
import { TASTE_CLIENTS } from '../settings.ts';

/**
 * Controls: the same closed loop again and again, at saturation, where a target that has changed shows it. At a rate below
 * the knee it would not.
 */

/** A control comes after this many trials. */
const TRIALS_BETWEEN = 3;
/** A control has this many times the clients that the best rate keeps in flight in calm: fewer would not keep the target busy where the network is slow. */
const CLIENTS_FACTOR = 2;
const MOST_CLIENTS = 512;

/** How much the controls of a search differ, connects a second. */
export interface Drift {
  lowPerSecond: number;
  highPerSecond: number;
  /** More than the tolerance, and than chance makes of so many controls. */
  isSignificant: boolean;
}

/** How many clients every control of a search has; undefined where a closed loop was refused, so that it tells nothing. */
export function chooseControlClients(steps: readonly JudgedStep[]): number | undefined {
  const [, most] = TASTE_CLIENTS;
  if (steps.some((step) => isClosedLoop(step) && step.verdict !== 'good')) return undefined;
  const baseline = steps.find(({ role }) => role === 'baseline');
  const climbed = steps.filter(({ role }) => role === 'climb');
  const best = Math.max(0, ...climbed.map(({ achievedPerSecond }) => achievedPerSecond));
  const held = Math.ceil((CLIENTS_FACTOR * best * (baseline?.latency.p50Us ?? 0)) / 1e6);
  return Math.min(MOST_CLIENTS, Math.max(most, held));
}

/** Whether it is time for a control, once the knee is bracketed; `isLast`: trials and confirmation are over. */
export function isControlDue(steps: readonly JudgedStep[], isLast: boolean): boolean {
  const at = steps.findLastIndex(({ role }) => role === 'control');
  if (at < 0) return true;
  const since = steps.slice(at + 1).filter(({ role }) => role === 'trial' || role === 'hold');
  return isLast ? since.length > 0 : since.length >= TRIALS_BETWEEN;
}

/** The closed loops of as many clients as the controls have, or as the largest taste where there is no control. */
export function listLoops(steps: readonly JudgedStep[]): JudgedStep[] {
  const loops = steps.filter((step) => isClosedLoop(step) && step.verdict === 'good');
  const clients = loops.at(-1)?.level;
  return loops.filter(({ level }) => level === clients);
}

/** Those that can be held against each other: nobody disturbed them. */
export function listControls(steps: readonly JudgedStep[]): JudgedStep[] {
  return listLoops(steps).filter(({ takenShare }) => takenShare === undefined);
}

/**
 * A connect's time has at most this standard deviation, as a share of its mean; the count of those that are served one after another
 * in a stretch of time has its square root less (renewal theory: the variance of N is about cv^2 * N).
 */
const LARGEST_CV = 0.5;

/** undefined with fewer than two controls. */
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
 * Three standard errors where two controls are compared. The lowest and the highest of several differ by more; with the pairs there
 * are, the bound grows as the tail of the normal distribution falls (Bonferroni's correction, by exp(-z^2 / 2)).
 */
function countErrors(controls: number): number {
  const pairs = (controls * (controls - 1)) / 2;
  return Math.sqrt(3 ** 2 + 2 * Math.log(pairs));
}

function countOf({ achievedPerSecond, measuredUs }: JudgedStep): number {
  return Math.max(1, (achievedPerSecond * measuredUs) / 1e6);
}
