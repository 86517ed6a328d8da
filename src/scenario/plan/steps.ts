/** Windows of a block's time that are judged on their own. */

/** A rate or a number of clients that changes linearly. A duration of 0 is a jump. */
export interface LinearPiece {
  start: number;
  end: number;
  durationUs: number;
}

/**
 * A window, with times from the block's start. `start` is the level right after it begins, `end` the one right before
 * it ends.
 */
export interface StepWindow extends LinearPiece {
  fromUs: number;
  toUs: number;
  /** The highest level within it. A level that a jump passes through without lasting does not count. */
  most: number;
}

const STEP_US = 5_000_000;
const MAX_STEPS = 24;
/** A shorter rest has too few arrivals to be judged on its own, so it joins the window before it. */
const SHORTEST_STEP_US = 1_000_000;

/** Cuts a block's time into windows of 5 s, or of the multiple of 5 s that gives at most 24 windows. */
export function cutSteps(pieces: readonly LinearPiece[]): StepWindow[] {
  const durationUs = pieces.reduce((sum, piece) => sum + piece.durationUs, 0);
  const widthUs = STEP_US * Math.max(1, Math.ceil(durationUs / (MAX_STEPS * STEP_US)));
  const steps: StepWindow[] = [];
  for (let fromUs = 0; fromUs < durationUs; ) {
    const nextUs = fromUs + widthUs;
    const toUs = durationUs - nextUs < SHORTEST_STEP_US ? durationUs : nextUs;
    const start = levelAfter(pieces, fromUs);
    const end = levelBefore(pieces, toUs);
    const most = Math.max(start, end, ...listTurns(pieces, fromUs, toUs));
    steps.push({ fromUs, toUs, start, end, most, durationUs: toUs - fromUs });
    fromUs = toUs;
  }
  return steps;
}

/** Returns the level right after `atUs`: at a jump, the level after it. 0 after the end. */
export function levelAfter(pieces: readonly LinearPiece[], atUs: number): number {
  let startUs = 0;
  for (const piece of pieces) {
    if (atUs < startUs + piece.durationUs) return levelWithin(piece, atUs - startUs);
    startUs += piece.durationUs;
  }
  return 0;
}

/** Returns the level right before `atUs`: at a jump, the level before it. */
function levelBefore(pieces: readonly LinearPiece[], atUs: number): number {
  let startUs = 0;
  for (const piece of pieces) {
    if (atUs <= startUs + piece.durationUs && piece.durationUs > 0) {
      return levelWithin(piece, atUs - startUs);
    }
    startUs += piece.durationUs;
  }
  return 0;
}

/** Returns the levels right before and after every end of a piece between the two moments. */
function listTurns(pieces: readonly LinearPiece[], fromUs: number, toUs: number): number[] {
  let endUs = 0;
  return pieces.flatMap(({ durationUs }) => {
    endUs += durationUs;
    const isWithin = endUs > fromUs && endUs < toUs;
    return isWithin ? [levelBefore(pieces, endUs), levelAfter(pieces, endUs)] : [];
  });
}

function levelWithin({ start, end, durationUs }: LinearPiece, elapsedUs: number): number {
  return start + (end - start) * (elapsedUs / durationUs);
}
