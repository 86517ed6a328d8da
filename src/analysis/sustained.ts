/** A rate is sustained if at least this share of it was achieved. The rest may have connected after the step's end. */
export const SUSTAINED_SHARE = 0.97;
/** If a smaller share of the attempts was refused, other clients may have held the slots for a moment. */
const REFUSED_SHARE = 0.01;
const FEWEST_REFUSED = 3;

/** Whether so many refusals say something of the target. */
export function isMuchRefused(refused: number, started: number): boolean {
  return refused >= Math.max(FEWEST_REFUSED, started * REFUSED_SHARE);
}
