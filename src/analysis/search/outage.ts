import { formatCounted, nounOf } from '../../counted.ts';
import { describeFailure } from '../../failure-text.ts';
import { isDownSign } from '../../model/down-signs.ts';
import type { ErrorCount, IntervalRecord } from '../../result/records/intervals.ts';
import { sortFailures, sumCounts } from '../validity/failure-kinds.ts';
import type { JudgedStep, Outage, StepOutcome } from './outcome.ts';

/** Number of steps in a row in which the target was down, after which the search ends. */
const MOST_DOWN = 3;
/** Number of different failures that a reason names. */
const MOST_NAMED = 3;

/** Collects the signs that the target was down in a step, interval by interval. */
export class OutageFold {
  #seen: Pick<Outage, 'fromUs' | 'toUs'> | undefined;

  add({ fromUs, toUs, errors }: IntervalRecord): void {
    if (listSigns(errors).length === 0) return;
    this.#seen = { fromUs: this.#seen?.fromUs ?? fromUs, toUs };
  }

  /** Returns undefined if nothing proves that the target was down. `errors`: all of the step, most frequent first. */
  finish(errors: readonly ErrorCount[]): Outage | undefined {
    if (this.#seen === undefined) return undefined;
    const signs = listSigns(errors);
    const named = signs
      .slice(0, MOST_NAMED)
      .map((sign) =>
        signs.length === 1 ? describeFailure(sign) : `${sign.count} ${describeFailure(sign)}`,
      );
    const failed = sumCounts(signs);
    return { ...this.#seen, failed, signs: named.join(', ') };
  }
}

function listSigns(errors: readonly ErrorCount[]): ErrorCount[] {
  return sortFailures(errors).broken.filter(isDownSign);
}

/** Returns when the target was down, and what showed it, as one line. Times are in seconds since T0. */
export function describeOutage(
  { fromUs, toUs, failed, signs }: Outage,
  { started }: Pick<StepOutcome, 'started'>,
): string {
  // Intervals say it to about a second.
  const between = `at some time between ${showSeconds(fromUs)} and ${showSeconds(toUs)} s`;
  const what = `${failed} of ${formatCounted(started, 'connect')} ${nounOf(failed, 'shows', 'show')} it`;
  return `the target was down or restarting ${between}: ${what} (${signs})`;
}

function showSeconds(us: number): string {
  return (us / 1_000_000).toFixed(1);
}

/**
 * Returns the steps by which a search proceeds and answers: those in which the target was down show nothing. Without
 * them the search makes the same move again.
 */
export function leaveOutDown(steps: readonly JudgedStep[]): JudgedStep[] {
  return steps.filter(({ verdict }) => verdict !== 'down');
}

/** Returns whether the target was down in so many of the last steps that the search gives up. */
export function isDownAgainAndAgain(steps: readonly JudgedStep[]): boolean {
  const last = steps.slice(-MOST_DOWN);
  return last.length === MOST_DOWN && last.every(({ verdict }) => verdict === 'down');
}
