import { nounOf } from '../../../counted.ts';
import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import type { JudgedStep } from '../outcome.ts';
import { majorityOf } from '../settings.ts';
import { type Bracket, type Count, isTrial } from '../trials/ballot.ts';
import { findDrift, listControls } from '../trials/controls.ts';
import { isUnsure } from '../trials/unsure.ts';
import type { Ends } from './ends.ts';

/**
 * Widest interval that still counts as agreement, as a share of its lower end; or this number of tolerances, if that is
 * more.
 */
const WIDEST_SHARE = 0.4;
const WIDEST_TOLERANCES = 3;

/** Returns why a repeated search might not give this interval again, a line each; an empty list if it should. */
export function listDoubts(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  { bracket, ends, confirmed }: { bracket: Bracket; ends: Ends; confirmed: boolean | null },
): string[] {
  return [
    ...doubtDrift(settings, steps),
    ...doubtAgreement(settings, steps, { bracket, ends }),
    ...doubtConfirmation(confirmed, ends),
  ];
}

/** Returns doubts whether enough trials agree on both ends, and whether the ends lie close together. */
export function doubtAgreement(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  { bracket, ends }: { bracket: Bracket; ends: Ends },
): string[] {
  return [...doubtVotes(steps, settings, bracket), ...doubtWidth(settings, ends)];
}

function doubtDrift(settings: SearchSettings, steps: readonly JudgedStep[]): string[] {
  const drift = findDrift(listControls(steps), settings);
  if (drift === undefined || !drift.isSignificant) return [];
  const { lowPerSecond, highPerSecond } = drift;
  const percent = Math.round((highPerSecond / lowPerSecond - 1) * 100);
  const what =
    lowPerSecond < 1 ? 'stood still at times' : `changed by ${percent}% during the search`;
  return [
    `the target itself ${what} (the same closed loop achieved ${show(lowPerSecond)} to ${show(highPerSecond)} connects/s)`,
  ];
}

function doubtVotes(
  steps: readonly JudgedStep[],
  settings: SearchSettings,
  { lower, upper }: Bracket,
): string[] {
  const majority = majorityOf(settings.trials);
  const isDecided = (count: Count | undefined): boolean =>
    count !== undefined && Math.max(count.good, count.bad) >= majority;
  if (isDecided(lower) && isDecided(upper)) return [];
  const tried = steps.filter(isTrial);
  const unsure = tried.filter(isUnsure).length;
  if (unsure === 0) return ['the time (maxDuration) ran out before enough trials agreed'];
  return [
    `${unsure} of ${tried.length} trials ${nounOf(unsure, 'does', 'do')} not count, because ${nounOf(unsure, 'it was', 'they were')} held up or others took the CPU, and too few are left`,
  ];
}

function doubtWidth({ tolerance }: SearchSettings, ends: Ends): string[] {
  const { lowerPerSecond: lower, upperPerSecond: upper } = ends;
  if (lower === null || upper === null) return [];
  if (upper / lower - 1 <= Math.max(WIDEST_SHARE, WIDEST_TOLERANCES * tolerance)) return [];
  return [
    `the trials agree only on an interval that is ${Math.round((upper / lower - 1) * 100)}% wide`,
  ];
}

/**
 * Returns doubts about the lower end that the trials gave. An unstable answer may have another one, and that may be
 * confirmed.
 */
function doubtConfirmation(confirmed: boolean | null, { lowerPerSecond }: Ends): string[] {
  if (confirmed === true) return [];
  const end = `the lower end that the trials gave${lowerPerSecond === null ? '' : ` (${show(lowerPerSecond)}/s)`}`;
  return [
    confirmed === null
      ? `${end} was not confirmed, because the search ended first`
      : `the confirmation failed: even 0.9 of ${end} was not sustained at the end`,
  ];
}

function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
