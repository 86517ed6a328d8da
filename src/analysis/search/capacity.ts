import type { Capacity, CapacityAnswer, CurvePoint } from '../../result/summary-records.ts';
import type { SearchSettings } from '../../scenario/search-settings.ts';
import {
  countByRate,
  findBracket,
  isSameRate,
  type Vote,
  votesSustained,
  votesWithin,
} from './ballot.ts';
import { findGivenOut } from './given-out.ts';
import type { JudgedStep } from './outcome.ts';
import { majorityOf } from './settings.ts';
import { findEnds } from './sustained.ts';

/** What a search has found by now. `ending`: what ended it, in a line. */
export function findCapacity(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  ending: string,
  curve: CurvePoint[],
): Capacity {
  const { latencyGoalUs } = settings;
  const answer = (vote: Vote): CapacityAnswer => findAnswer(settings, steps, { vote, ending });
  return {
    ...answer(votesSustained),
    ...(latencyGoalUs === undefined
      ? {}
      : { underGoal: { ...answer(votesWithin(latencyGoalUs)), goalUs: latencyGoalUs } }),
    confirmed: findConfirmation(steps),
    curve,
  };
}

function findAnswer(
  { trials }: SearchSettings,
  steps: readonly JudgedStep[],
  { vote, ending }: { vote: Vote; ending: string },
): CapacityAnswer {
  const bracket = findBracket(countByRate(steps, vote), majorityOf(trials));
  const { lowerPerSecond, upperPerSecond } = findEnds(bracket, steps);
  const { upper } = bracket;
  const givenOut = findGivenOut(steps);
  if (givenOut !== undefined) {
    return { kind: 'invalid', lowerPerSecond, upperPerSecond: null, reason: givenOut.because };
  }
  if (upper === undefined || upperPerSecond === null) {
    return { kind: 'not-reached', lowerPerSecond, upperPerSecond: null, reason: ending };
  }
  const badPerSecond = upper.ratePerSecond;
  const worst = steps.findLast(
    (step) => isSearched(step) && isSameRate(step.level, badPerSecond) && vote(step) === false,
  );
  const reason = worst === undefined ? ending : describeMiss(worst);
  if (isWall(steps, badPerSecond)) return { kind: 'wall', lowerPerSecond, upperPerSecond, reason };
  if (lowerPerSecond === null) {
    const text = `no rate that was tried was sustained; at ${badPerSecond.toFixed(1)}/s ${reason}`;
    return { kind: 'not-reached', lowerPerSecond, upperPerSecond, reason: text };
  }
  return { kind: 'found', lowerPerSecond, upperPerSecond, reason };
}

/** A step that was sustained did not keep the latency goal. */
function describeMiss({ verdict, because, latency }: JudgedStep): string {
  const { p99Us } = latency;
  if (verdict !== 'good' || p99Us === null) return because;
  return `${because}, with p99 of latency ${(p99Us / 1000).toFixed(1)} ms`;
}

/** Most of what kept a rate from being sustained were refusals. */
function isWall(steps: readonly JudgedStep[], ratePerSecond: number): boolean {
  const against = steps.filter(
    (step) =>
      isSearched(step) &&
      isSameRate(step.level, ratePerSecond) &&
      (step.verdict === 'bad' || step.verdict === 'wall'),
  );
  return against.filter(({ verdict }) => verdict === 'wall').length * 2 > against.length;
}

function findConfirmation(steps: readonly JudgedStep[]): boolean | null {
  const holds = steps.filter(({ role, verdict }) => role === 'hold' && verdict !== 'invalid');
  return holds.length === 0 ? null : holds.some(({ verdict }) => verdict === 'good');
}

function isSearched({ role }: JudgedStep): boolean {
  return role === 'climb' || role === 'trial';
}
