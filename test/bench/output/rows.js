// @ts-check

import { median, ratios } from './figures.js';

/**
 * One figure of connstorm with what it is held against. Lower is better unless the goal says otherwise.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {string} unit
 * @property {number} decimals For people.
 * @property {number[]} ours By rounds.
 * @property {string} note Of ours; empty where there is nothing to say.
 * @property {Goal | null} goal Of ours by itself.
 * @property {Compared | null} other The other build's; null without one.
 * @property {Compared[]} rivals
 *
 * @typedef {object} Compared
 * @property {string} name
 * @property {number[]} values By rounds; empty where there is an obstacle.
 * @property {number[]} ratios Ours by it, by rounds.
 * @property {number | null} ratio Their median.
 * @property {string} note
 * @property {string | null} obstacle Why it was not measured.
 * @property {Goal | null} goal Of the ratio.
 *
 * @typedef {{ text: string, isReached: boolean | null }} Goal Null where what it is measured by is missing.
 */

/**
 * Who was measured and what came of it.
 *
 * @typedef {object} Party
 * @property {string} name
 * @property {import('../parties/parties.js').Measured[]} measured By rounds; empty where there is an obstacle.
 * @property {string} note
 * @property {string | null} obstacle
 * @property {number | undefined} goal The ratio to stay within.
 *
 * @typedef {{ ours: Party, other: Party | null, rivals: Party[] }} Parties
 */

/**
 * @param {Parties} parties
 * @param {object} about
 * @param {string} about.what
 * @param {string} about.unit
 * @param {number} [about.decimals] Default 0.
 * @param {(measured: import('../parties/parties.js').Measured) => number} [about.pick] Default `value`.
 * @param {{ text: string, isReached: (ours: number[], rivals: Compared[]) => boolean }} [about.goal]
 * @returns {Row}
 */
export function createRow(
  parties,
  { what, unit, decimals = 0, pick = ({ value }) => value, goal },
) {
  const ours = parties.ours.measured.map(pick);
  const rivals = parties.rivals.map((rival) => compare(ours, rival, pick));
  return {
    what,
    unit,
    decimals,
    ours,
    note: parties.ours.note,
    goal: goal === undefined ? null : { text: goal.text, isReached: goal.isReached(ours, rivals) },
    other: parties.other === null ? null : compare(ours, parties.other, pick),
    rivals,
  };
}

/**
 * @param {number[]} ours @param {Party} party @param {(measured: import('../parties/parties.js').Measured) => number} pick
 * @returns {Compared}
 */
function compare(ours, { name, measured, note, obstacle, goal }, pick) {
  const values = obstacle === null ? measured.map(pick) : [];
  const byRound = obstacle === null ? ratios(ours, values) : [];
  const ratio = obstacle === null ? median(byRound) : null;
  return {
    name,
    values,
    ratios: byRound,
    ratio,
    note,
    obstacle,
    goal:
      goal === undefined
        ? null
        : { text: `ratio <= ${goal.toFixed(3)}`, isReached: ratio === null ? null : ratio <= goal },
  };
}
