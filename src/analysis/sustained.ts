/** Of what was offered: less achieved is not sustained. The rest came too late to count. */
export const SUSTAINED_SHARE = 0.97;
/** Of attempts: fewer refusals than this are somebody else's moment. */
const REFUSED_SHARE = 0.01;
const FEWEST_REFUSED = 3;

/** Whether so many refusals say something of the target. */
export function isMuchRefused(refused: number, started: number): boolean {
  return refused >= Math.max(FEWEST_REFUSED, started * REFUSED_SHARE);
}
