import type { ArrivalSchedule, RatePiece } from '../../scenario/plan/plan.ts';
import { createRandom } from '../../scenario/plan/random.ts';
import { cumulateArrivals, sumDurationsUs } from '../../scenario/plan/schedule.ts';

/** One worker's share of a schedule: the arrivals whose index is `worker` (mod `workers`). */
export interface Stripe {
  worker: number;
  workers: number;
}

/**
 * The arrivals of one worker, one after another, each computed when it is asked for. All workers together have the same
 * schedule, to the microsecond, for any number of workers.
 */
export interface Arrivals {
  /** The current arrival's index in the whole schedule; -1 before the first `advance`. */
  readonly index: number;
  /**
   * The current arrival's moment: whole microseconds since the schedule's start, below its duration, never before an
   * earlier arrival.
   */
  readonly atUs: number;
  /** Goes to the next arrival. Returns false, and changes nothing, after the last. */
  advance(): boolean;
}

/**
 * Returns the position of arrival `index`, in time or on the cumulative scale (on which the rate is 1). Indexes must
 * rise from call to call.
 */
type Position = (index: number) => number;

export function createArrivals(schedule: ArrivalSchedule, stripe: Stripe): Arrivals {
  const cumulated = cumulateArrivals(schedule.pieces);
  const total = cumulated.at(-1) ?? 0;
  if (schedule.pieces.length === 0) return new ArrivalCursor(schedule, stripe, () => 0);
  const position =
    schedule.spacing === 'poisson' ? positionAtRandom(schedule, total) : positionEvenly;
  const clock = new RateClock(schedule.pieces, cumulated);
  return new ArrivalCursor(schedule, stripe, (index) => clock.findUs(position(index)));
}

class ArrivalCursor implements Arrivals {
  index = -1;
  atUs = 0;
  private readonly worker: number;
  private readonly workers: number;
  private readonly count: number;
  private readonly lastUs: number;
  private readonly momentUs: Position;

  /** `momentUs`: returns each arrival's moment, not rounded; it is called with rising indexes. */
  constructor(schedule: ArrivalSchedule, stripe: Stripe, momentUs: Position) {
    this.worker = stripe.worker;
    this.workers = stripe.workers;
    this.count = schedule.arrivalCount;
    this.lastUs = Math.max(0, sumDurationsUs(schedule.pieces) - 1);
    this.momentUs = momentUs;
  }

  advance(): boolean {
    const next = this.index < 0 ? this.worker : this.index + this.workers;
    if (next >= this.count) return false;
    this.index = next;
    this.atUs = Math.min(this.lastUs, Math.round(this.momentUs(next)));
    return true;
  }
}

/** Arrival i comes when i arrivals are due. The first comes at once, and 97/s make 97 equal gaps a second. */
const positionEvenly: Position = (index) => index;

/**
 * Returns random positions. A Poisson process with a known count is that many independent uniform numbers in order.
 * They are drawn in that order, without sorting: the least of n uniforms on the rest leaves the share U^(1/n) of it.
 * Bentley and Saxe, "Generating sorted lists of random numbers", ACM TOMS 6 (1980). Every worker also draws the
 * arrivals of the others, so that all workers agree on all arrivals.
 */
function positionAtRandom(schedule: ArrivalSchedule, total: number): Position {
  const random = createRandom(schedule.seed);
  let remaining = schedule.arrivalCount;
  let rest = total;
  return (index) => {
    while (schedule.arrivalCount - remaining <= index) {
      // 1 - random() is above 0: a zero would move all later arrivals to the end.
      rest *= (1 - random()) ** (1 / remaining);
      remaining--;
    }
    return total - rest;
  };
}

/** Turns positions on the cumulative scale into time. Positions must not fall from call to call. */
class RateClock {
  private readonly pieces: readonly RatePiece[];
  private readonly cumulated: readonly number[];
  private readonly last: number;
  private current = 0;
  private startUs = 0;
  private startPosition = 0;
  private endPosition: number;
  private startRate = 0;
  private startRateSquared = 0;
  private twiceSlope = 0;

  constructor(pieces: readonly RatePiece[], cumulated: readonly number[]) {
    this.pieces = pieces;
    this.cumulated = cumulated;
    this.last = pieces.length - 1;
    this.endPosition = cumulated[0] ?? 0;
    this.enterPiece();
  }

  /**
   * Returns the last moment, in microseconds, at which at most `position` arrivals are due: after a pause, not before
   * it.
   */
  findUs(position: number): number {
    while (position >= this.endPosition && this.current < this.last) this.leavePiece();
    const within = position - this.startPosition;
    if (within <= 0) return this.startUs;
    // The root of r0*t + a*t^2/2 = within, in the form without cancellation for any sign of a, 0 included.
    const discriminant = this.startRateSquared + this.twiceSlope * within;
    const seconds = (2 * within) / (this.startRate + Math.sqrt(Math.max(0, discriminant)));
    return this.startUs + seconds * 1e6;
  }

  private leavePiece(): void {
    this.startUs += this.pieces[this.current]?.durationUs ?? 0;
    this.startPosition = this.endPosition;
    this.current++;
    this.endPosition = this.cumulated[this.current] ?? this.endPosition;
    this.enterPiece();
  }

  private enterPiece(): void {
    const piece = this.pieces[this.current];
    if (piece === undefined || piece.durationUs === 0) return;
    const { startRatePerSecond, endRatePerSecond, durationUs } = piece;
    this.startRate = startRatePerSecond;
    this.startRateSquared = startRatePerSecond ** 2;
    this.twiceSlope = (2 * (endRatePerSecond - startRatePerSecond)) / (durationUs / 1e6);
  }
}
