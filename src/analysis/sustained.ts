/** A rate is sustained if at least this share of it was achieved. The rest may have connected after the step's end. */
export const SUSTAINED_SHARE = 0.97;
/**
 * A rate is not sustained if more than this share of its attempts failed, were refused or timed out. Fewer may be
 * chance.
 */
export const FAILED_SHARE = 0.01;
/** Fewer refusals may mean that other clients held the slots for a moment. */
const FEWEST_REFUSED = 3;

/** Returns whether so many refusals show something about the target. */
export function isMuchRefused(refused: number, started: number): boolean {
  return refused >= Math.max(FEWEST_REFUSED, started * FAILED_SHARE);
}
