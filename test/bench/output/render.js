// @ts-check

import { describe } from './figures.js';

/** @typedef {import('./rows.js').Row} Row @typedef {import('./rows.js').Goal} Goal */

/** Of each column, whatever the rows: one is printed before the next is known. */
const WIDTHS = [40, 24, 20, 19, 7];

/** The names of the columns. */
export const COLUMNS = renderLine(['', 'figure', 'connstorm / it', 'goal', 'reached', '']);

/** One line of what was measured, then one for each of those it was measured of. @param {Row} row */
export function renderRow({ what, unit, decimals, ours, note, goal, other, rivals }) {
  const compared = [...(other === null ? [] : [other]), ...rivals];
  return [
    what,
    renderLine(['  connstorm', describe(ours, unit, decimals), '', ...renderGoal(goal), note]),
    ...compared.map(({ name, values, ratios, obstacle, note: theirs, goal: ofRatio }) =>
      obstacle === null
        ? renderLine([
            `  ${name}`,
            describe(values, unit, decimals),
            describe(ratios, '', 3),
            ...renderGoal(ofRatio),
            theirs,
          ])
        : renderLine([`  ${name}`, obstacle]),
    ),
  ].join('\n');
}

/** @param {Goal | null} goal */
function renderGoal(goal) {
  if (goal === null) return ['', ''];
  return [goal.text, goal.isReached === null ? '' : goal.isReached ? 'yes' : 'NO'];
}

/** @param {string[]} cells */
function renderLine(cells) {
  return cells
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join('  ')
    .trimEnd();
}

/**
 * As a JSON line has it.
 *
 * @param {string} benchmark @param {Row} row
 */
export function toRecord(benchmark, { what, unit, ours, note, goal, other, rivals }) {
  return {
    type: 'row',
    benchmark,
    what,
    unit,
    connstorm: { values: ours, note: note || null },
    ...goalOf(goal),
    otherBuild: other === null ? null : comparedOf(other),
    rivals: rivals.map((rival) => ({ name: rival.name, ...comparedOf(rival) })),
  };
}

/** @param {import('./rows.js').Compared} compared */
function comparedOf({ values, ratios, ratio, note, obstacle, goal }) {
  return { values, ratios, ratio, note: note || null, notMeasured: obstacle, ...goalOf(goal) };
}

/** @param {Goal | null} goal */
function goalOf(goal) {
  return { goal: goal?.text ?? null, reached: goal?.isReached ?? null };
}
