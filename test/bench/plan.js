// @ts-check

/**
 * The lengths of two runs that differ in nothing else: seconds of a storm of ours, connects of a rival.
 *
 * @typedef {{ short: number, long: number }} Lengths
 */

/**
 * How much is measured.
 *
 * @typedef {object} Plan
 * @property {boolean} isQuick
 * @property {(full: number) => number} rounds Of so many in a full run.
 * @property {(full: Lengths) => Lengths} lengths
 * @property {(full: number) => number} seconds Of a run that is measured whole.
 * @property {string[]} says What a reader must know of it, a line each; empty for a full run.
 */

const QUICK_ROUNDS = 3;
/** The shorter run still outlasts most of V8's compiling. */
const QUICK_SHORT = 0.8;
const QUICK_DIFFERENCE = 0.6;

/**
 * @param {{ isQuick: boolean, scale?: number }} options `scale`: of every length, with one round: to try a benchmark out.
 * @returns {Plan}
 */
export function createPlan({ isQuick, scale = 1 }) {
  const isTrial = scale !== 1;
  return {
    isQuick,
    rounds: (full) => (isTrial ? 1 : isQuick ? Math.min(full, QUICK_ROUNDS) : full),
    lengths: ({ short, long }) => {
      const first = short * (isQuick ? QUICK_SHORT : 1);
      const more = (long - short) * (isQuick ? QUICK_DIFFERENCE : 1);
      return { short: first * scale, long: (first + more) * scale };
    },
    seconds: (full) => full * scale,
    says: [
      ...(isQuick
        ? [
            `QUICK: the most telling rows only, at most ${QUICK_ROUNDS} rounds, CPU from ${QUICK_DIFFERENCE} of a full run's connects`,
          ]
        : []),
      ...(isTrial
        ? [
            `TRIAL: BENCH_SCALE makes every run ${scale} times as long, one round each: no figure holds`,
          ]
        : []),
    ],
  };
}
