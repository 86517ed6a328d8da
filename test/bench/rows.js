// @ts-check

import { describe, median, ratios } from './figures.js';

/** @typedef {import('./figures.js').Row} Row */

export const NO_PGBENCH = 'no pgbench here';

/**
 * @param {{ what: string, ours: number[], rival: number[], name: string, unit: string, goal?: number | undefined }} figures `goal`: the
 *   ratio to stay within.
 * @returns {Row}
 */
export function compare({ what, ours, rival, name, unit, goal }) {
  const byRound = ratios(ours, rival);
  const ratio = median(byRound);
  return {
    what,
    ours: describe(ours, unit),
    rival: `${describe(rival, unit)}, ${name}`,
    ratio,
    ratios: byRound,
    goal: goal === undefined ? '' : `ratio <= ${goal.toFixed(3)}`,
    isReached: goal === undefined ? null : ratio <= goal,
  };
}

/** @param {string} what @param {number[]} ours @param {string} unit @returns {Row} */
export function withoutRival(what, ours, unit) {
  const goal = 'a ratio to pgbench -C';
  return {
    what,
    ours: describe(ours, unit),
    rival: NO_PGBENCH,
    ratio: null,
    goal,
    isReached: null,
  };
}
