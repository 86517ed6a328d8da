// @ts-check

import { alternate } from '../output/figures.js';
import { createRow } from '../output/rows.js';

/**
 * One round of one of those who are measured.
 *
 * @typedef {object} Measured
 * @property {number} value
 * @property {number} [second] Another figure of the same run.
 * @property {number} [ratePerSecond] What was kept, of the pace that was asked for.
 * @property {string} [note] What a reader must know of the value.
 *
 * @typedef {object} Rival
 * @property {string} name
 * @property {() => Promise<Measured>} measure
 * @property {string | null} [obstacle] Why it cannot be measured; default null.
 * @property {number | undefined} [ratePerSecond] The pace that it is asked for.
 * @property {number | undefined} [goal] The ratio to stay within.
 *
 * @typedef {object} Match
 * @property {number} rounds Of a full run.
 * @property {(build: import('../build.js').Build) => Promise<Measured>} ours
 * @property {number | undefined} [ratePerSecond] The pace that ours is asked for.
 * @property {Rival[]} [rivals]
 * @property {boolean | undefined} [isInternal] Whether `ours` reaches into a build's modules, which another build may have otherwise.
 *
 * @typedef {import('../output/rows.js').Party} Party
 * @typedef {import('../benchmarks.js').Bench} Bench
 */

/** Who keeps less of its pace has another one's cost, and the row says so. */
const KEPT = 0.95;

/**
 * Measures this build, the other one where there is one, and the rivals by turns. What stops the other build stops
 * nobody else.
 *
 * @param {Bench} bench @param {Match} match
 * @returns {Promise<import('../output/rows.js').Parties>}
 */
export async function measureParties(
  bench,
  { rounds, ours, ratePerSecond, rivals = [], isInternal },
) {
  const { build, other, plan } = bench;
  const players = [
    createPlayer({ name: 'connstorm', measure: () => ours(build), ratePerSecond }),
    ...(other === null ? [] : [createOther(bench, other, { ours, ratePerSecond, isInternal })]),
    ...rivals.map(createPlayer),
  ];
  await alternate(
    players.map(({ play }) => play),
    plan.rounds(rounds),
  );
  const [us, ...others] = players.map(({ tell }) => tell());
  if (us === undefined) throw new Error('nobody was measured');
  return {
    ours: us,
    other: other === null ? null : (others[0] ?? null),
    rivals: other === null ? others : others.slice(1),
  };
}

/**
 * As measureParties, for a single figure.
 *
 * @param {Bench} bench @param {Match & Parameters<typeof createRow>[1]} match
 */
export async function measureRow(bench, match) {
  return createRow(await measureParties(bench, match), match);
}

/** @param {Rival} rival */
function createPlayer({ name, measure, obstacle = null, ratePerSecond, goal }) {
  /** @type {Measured[]} */
  const measured = [];
  return {
    play: async () => {
      if (obstacle === null) measured.push(await measure());
    },
    /** @returns {Party} */
    tell: () => ({ name, measured, obstacle, goal, note: noteOf(measured, ratePerSecond) }),
  };
}

/** @param {Bench} bench @param {import('../build.js').Build} other @param {Pick<Match, 'ours' | 'ratePerSecond' | 'isInternal'>} match */
function createOther(bench, other, { ours, ratePerSecond, isInternal = false }) {
  const player = createPlayer({ name: 'other build', measure: () => ours(other), ratePerSecond });
  /** @type {string | null} */
  let obstacle = null;
  return {
    play: async () => {
      if (obstacle !== null) return;
      try {
        await player.play();
      } catch (error) {
        obstacle = `not compared: ${findReason(error)}`;
        if (!isInternal) bench.noteFailure(error);
      }
    },
    tell: () => ({ ...player.tell(), ...(obstacle === null ? {} : { obstacle, measured: [] }) }),
  };
}

/** The error that a failed command said, without a stack, else its last line. @param {unknown} error */
function findReason(error) {
  const lines = (error instanceof Error ? error.message : `${error}`).trim().split('\n');
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1) ?? '';
}

/** @param {Measured[]} measured @param {number | undefined} pace */
function noteOf(measured, pace) {
  const rates = measured.map(({ ratePerSecond }) => ratePerSecond ?? Number.POSITIVE_INFINITY);
  const lowest = Math.min(...rates);
  const isShort = pace !== undefined && lowest < KEPT * pace;
  const notes = measured.flatMap(({ note }) => (note === undefined ? [] : [note]));
  return [...new Set([...(isShort ? [`only ${lowest.toFixed(0)}/s kept`] : []), ...notes])].join(
    '; ',
  );
}
