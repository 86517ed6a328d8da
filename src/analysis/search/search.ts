import type { SearchSettings, StepRole } from '../../scenario/plan/search-settings.ts';
import { findRateToConfirm } from './answer/capacity.ts';
import {
  countInvalidInARow,
  describeLoss,
  findBroken,
  findGivenOut,
  MOST_INVALID,
} from './given-out.ts';
import { isClosedLoop } from './judge-step.ts';
import { leaveOutDown } from './outage.ts';
import type { JudgedStep } from './outcome.ts';
import { fits, holdUs, majorityOf, TASTE_CLIENTS, tasteUs, votingUs } from './settings.ts';
import { countByRate, findBracket, isTrial, votesSustained, votesWithin } from './trials/ballot.ts';
import { type Climb, followClimb } from './trials/climb.ts';
import { chooseControlClients, isControlDue } from './trials/controls.ts';
import { createGrid, type Grid, indexBelow, indexOf, isSameRate } from './trials/grid.ts';
import { countUnsureInARow, isUnsure, MOST_REPEATS, settleUnsure } from './trials/unsure.ts';
import { nextTrial } from './trials/walk.ts';

/** Next action of a search. `level`: arrivals per second; for a taste and a control, the number of clients. */
export type Move =
  | { next: 'step'; role: StepRole; level: number; durationUs: number; reason: string }
  | { next: 'done'; reason: string };

/**
 * The climb begins at this share of what clients in a closed loop achieved. That rate is most likely sustained, and not
 * far below the knee.
 */
const START_SHARE = 0.6;
const SLOWEST_START_PER_SECOND = 2;
/** Share of the climb's first rate at which the baseline runs. */
const BASELINE_SHARE = 0.1;
const SLOWEST_BASELINE_PER_SECOND = 5;
/** Trials begin at this share of what was achieved beyond the knee. */
const TRIAL_SHARE = 0.985;
const CONFIRM_SHARE = 0.9;

/**
 * Returns the next move of a search, decided from its steps so far alone: a taste, a baseline, rates that grow until
 * one is not sustained twice, trials around the knee, a confirmation, and controls between them. It is a pure function:
 * the same steps give the same move. `elapsedUs`: time since the search began.
 */
export function decide(
  settings: SearchSettings,
  steps: readonly JudgedStep[],
  elapsedUs: number,
): Move {
  const broken = findBroken(steps);
  if (broken !== undefined) return { next: 'done', reason: describeLoss(broken) };
  const move = decideByKind(new Situation(settings, leaveOutDown(steps), elapsedUs));
  const last = steps.at(-1);
  if (last?.verdict !== 'down' || move.next === 'done') return move;
  const again = move.role === last.role ? 'once more, because' : `${move.reason};`;
  return { ...move, reason: `${again} that step does not count: ${last.because}` };
}

function decideByKind(search: Situation): Move {
  return (
    search.endEarly() ??
    search.repeatInvalid() ??
    search.repeatUnsure() ??
    search.taste() ??
    search.compare() ??
    search.climb() ??
    search.control({ isLast: false }) ??
    search.tryAround() ??
    search.tryGoal() ??
    search.confirm() ??
    search.control({ isLast: true }) ?? {
      next: 'done',
      reason: 'all trials that were planned have been made',
    }
  );
}

/** The moves by kind. Each method returns undefined if its kind is not due. */
class Situation {
  readonly #settings: SearchSettings;
  /** The steps as they were judged, without those in which the target was down. */
  readonly #judged: readonly JudgedStep[];
  /** The steps as the search proceeds by them; see settleUnsure. */
  readonly #steps: readonly JudgedStep[];
  readonly #elapsedUs: number;
  readonly #climb: Climb;

  constructor(settings: SearchSettings, steps: readonly JudgedStep[], elapsedUs: number) {
    this.#settings = settings;
    this.#judged = steps;
    this.#steps = settleUnsure(steps);
    this.#elapsedUs = elapsedUs;
    this.#climb = followClimb(this.#steps, settings, this.#startPerSecond);
  }

  endEarly(): Move | undefined {
    const givenOut = findGivenOut(this.#steps);
    if (givenOut === undefined) return undefined;
    return { next: 'done', reason: `connstorm gave out first: ${givenOut.because}` };
  }

  repeatInvalid(): Move | undefined {
    const last = this.#steps.at(-1);
    if (last?.verdict !== 'invalid') return undefined;
    if (countInvalidInARow(this.#steps) >= MOST_INVALID) return undefined;
    const { role, level } = last;
    const reason = `once more, because connstorm itself was at fault: ${last.because}`;
    return this.#tryOut(role, level, this.#durationOf(role, level), reason);
  }

  /** Repeats a step that was held up, or disturbed by others, because it does not count. */
  repeatUnsure(): Move | undefined {
    const last = this.#judged.at(-1);
    if (last === undefined || isClosedLoop(last) || last.role === 'baseline') return undefined;
    const count = countUnsureInARow(this.#judged);
    if (!isUnsure(last) || count > MOST_REPEATS) return undefined;
    const { role, level, because, takenShare } = last;
    const others =
      takenShare === undefined ? '' : `; others took ${Math.round(takenShare * 100)}% of the CPU`;
    const reason = `once more, because that step does not count: ${because}${others}`;
    return this.#tryOut(role, level, this.#durationOf(role, level), reason);
  }

  taste(): Move | undefined {
    if (this.#settings.startRatePerSecond !== undefined) return undefined;
    const clients = TASTE_CLIENTS[this.#tastes().length];
    if (clients === undefined) return undefined;
    const reason = 'a closed loop, to find the first rate';
    return this.#tryOut('taste', clients, tasteUs(this.#settings), reason);
  }

  compare(): Move | undefined {
    if (this.#steps.some(({ role }) => role === 'baseline')) return undefined;
    const start = this.#startPerSecond;
    const rate = Math.min(start, Math.max(SLOWEST_BASELINE_PER_SECOND, start * BASELINE_SHARE));
    const reason = 'a low rate, to compare with';
    return this.#tryOut('baseline', rate, this.#settings.stepUs, reason);
  }

  climb(): Move | undefined {
    if (this.#climb.kind === 'topped') {
      const { maxRatePerSecond } = this.#settings;
      return { next: 'done', reason: `maxRate, ${maxRatePerSecond}/s, was sustained` };
    }
    if (this.#climb.kind !== 'next') return undefined;
    const { ratePerSecond } = this.#climb;
    const last = this.#steps.at(-1);
    const before = last?.role === 'climb' ? `: ${last.because}` : '';
    const isAgain = last?.role === 'climb' && isSameRate(last.level, ratePerSecond);
    const reason = `${isAgain ? 'the same rate once more' : 'a higher rate'}${before}`;
    return this.#tryOut('climb', ratePerSecond, votingUs(this.#settings, ratePerSecond), reason);
  }

  /**
   * Returns a control, if one is due. The last one comes if enough time is left. One between trials must leave time for
   * the confirmation.
   */
  control({ isLast }: { isLast: boolean }): Move | undefined {
    if (this.#climb.kind !== 'bracketed' || !isControlDue(this.#judged, isLast)) return undefined;
    const clients = chooseControlClients(this.#judged);
    if (clients === undefined) return undefined;
    const durationUs = tasteUs(this.#settings);
    const neededUs = durationUs + (isLast ? 0 : holdUs(this.#settings));
    if (!fits(this.#settings, this.#elapsedUs, neededUs)) return undefined;
    const reason = 'a closed loop, to see whether the target has changed';
    return { next: 'step', role: 'control', level: clients, durationUs, reason };
  }

  tryAround(): Move | undefined {
    const grid = this.#grid();
    if (grid === undefined) return undefined;
    const rate = nextTrial(this.#steps, {
      grid,
      from: this.#firstTrial(grid),
      vote: votesSustained,
      ...this.#walking(),
    });
    return this.#tryAgain(rate, 'near the knee');
  }

  /** Trials near the latency goal come if enough time is left. */
  tryGoal(): Move | undefined {
    const { latencyGoalUs } = this.#settings;
    const grid = this.#grid();
    if (latencyGoalUs === undefined || grid === undefined) return undefined;
    const vote = votesWithin(latencyGoalUs);
    const majority = majorityOf(this.#settings.trials);
    const { lower, upper } = findBracket(countByRate(this.#steps, vote), majority);
    const near = lower ?? upper;
    if (near === undefined) return undefined;
    const from = indexBelow(grid, near.ratePerSecond);
    const rate = nextTrial(this.#steps, { grid, from, vote, ...this.#walking() });
    return this.#tryAgain(rate, 'near the latency goal');
  }

  confirm(): Move | undefined {
    const rate = findRateToConfirm(this.#settings, this.#judged);
    const holds = this.#steps.filter(({ role }) => role === 'hold');
    const isDone = holds.some(({ verdict }) => verdict === 'good') || holds.length >= MOST_INVALID;
    if (rate === null || isDone) return undefined;
    const level = holds[0]?.level ?? rate * CONFIRM_SHARE;
    const reason = `a confirmation at ${CONFIRM_SHARE} of the rate that was sustained`;
    return this.#tryOut('hold', level, holdUs(this.#settings), reason);
  }

  /** Returns a trial, if there is time for it and for the confirmation after it. */
  #tryAgain(rate: number | undefined, where: string): Move | undefined {
    if (rate === undefined) return undefined;
    const durationUs = votingUs(this.#settings, rate);
    const neededUs = durationUs + holdUs(this.#settings);
    if (!fits(this.#settings, this.#elapsedUs, neededUs)) return undefined;
    const before = this.#steps.filter(
      (step) => isTrial(step) && isSameRate(step.level, rate),
    ).length;
    return {
      next: 'step',
      role: 'trial',
      level: rate,
      durationUs,
      reason: `trial ${before + 1} of this rate, ${where}`,
    };
  }

  #tryOut(role: StepRole, level: number, durationUs: number, reason: string): Move {
    if (!fits(this.#settings, this.#elapsedUs, durationUs)) {
      return { next: 'done', reason: 'maxDuration has passed' };
    }
    return { next: 'step', role, level, durationUs, reason };
  }

  #walking() {
    const { trials, maxRatePerSecond = Number.POSITIVE_INFINITY } = this.#settings;
    return { majority: majorityOf(trials), maxRatePerSecond };
  }

  #grid(): Grid | undefined {
    if (this.#climb.kind !== 'bracketed') return undefined;
    const { growth, tolerance } = this.#settings;
    return createGrid(this.#climb.firstBadPerSecond, growth, tolerance);
  }

  /**
   * Returns the index of the first trial. What was achieved just beyond the knee is about the capacity, while far
   * beyond it many servers do less. So the index is at least that of the highest rate that the climb sustained.
   */
  #firstTrial(grid: Grid): number {
    const climbed = this.#steps.filter(({ role }) => role === 'climb');
    const beyond = climbed.filter(({ verdict }) => verdict === 'bad' || verdict === 'wall');
    const achieved = Math.max(...beyond.map(({ achievedPerSecond }) => achievedPerSecond));
    const good = climbed.findLast(
      ({ verdict, level }) => verdict === 'good' && level < grid.basePerSecond,
    );
    const lowest = good === undefined ? undefined : indexOf(grid, good.level);
    const near = indexBelow(grid, Math.max(1, achieved * TRIAL_SHARE));
    return Math.min(-1, Math.max(near, lowest ?? near));
  }

  get #startPerSecond(): number {
    const { startRatePerSecond, maxRatePerSecond = Number.POSITIVE_INFINITY } = this.#settings;
    const tasted = Math.max(0, ...this.#tastes().map(({ achievedPerSecond }) => achievedPerSecond));
    const start = startRatePerSecond ?? Math.max(SLOWEST_START_PER_SECOND, tasted * START_SHARE);
    return Math.min(start, maxRatePerSecond);
  }

  #tastes(): JudgedStep[] {
    return this.#steps.filter(({ role }) => role === 'taste');
  }

  #durationOf(role: StepRole, level: number): number {
    if (isClosedLoop({ role })) return tasteUs(this.#settings);
    if (role === 'hold') return holdUs(this.#settings);
    return role === 'baseline' ? this.#settings.stepUs : votingUs(this.#settings, level);
  }
}
