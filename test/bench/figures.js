// @ts-check

/**
 * One line of the comparison. Lower is better unless the goal says otherwise.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {string} ours
 * @property {string} rival
 * @property {number | null} ratio Ours by the rival's; null without a rival.
 * @property {number[]} [ratios] Of each round, where `ratio` is their median.
 * @property {string} goal Empty where there is none.
 * @property {boolean | null} isReached Null without a goal, or without what it is measured by.
 */

/** @param {number[]} values Not empty. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Ours by the rival's in each round: what a slow minute of the machine does to both is not in their ratio, nor is a round in which it
 * met one alone in the median of several.
 *
 * @param {number[]} ours @param {number[]} rival As many, by rounds.
 */
export function ratios(ours, rival) {
  return ours.map((value, round) => value / (rival[round] ?? Number.NaN));
}

/**
 * The median with the extremes beside it.
 *
 * @param {number[]} values @param {string} unit @param {number} [decimals]
 */
export function describe(values, unit, decimals = 0) {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const range = values.length > 1 ? ` (${from.toFixed(decimals)}-${to.toFixed(decimals)})` : '';
  return `${median(values).toFixed(decimals)} ${unit}`.trimEnd() + range;
}

/**
 * Measures each in turn, forwards and backwards by turns, so that a slow minute of the machine meets all alike.
 *
 * @template {string} K
 * @param {Record<K, () => Promise<number>>} measures
 * @param {number} rounds
 * @returns {Promise<Record<K, number[]>>}
 */
export async function alternate(measures, rounds) {
  const names = /** @type {K[]} */ (Object.keys(measures));
  const values = /** @type {Record<K, number[]>} */ ({});
  for (const name of names) values[name] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) values[name].push(await measures[name]());
  }
  return values;
}

/** @param {Row} row */
function renderRatio({ ratio, ratios = [] }) {
  if (ratio === null) return '';
  return ratios.length > 1 ? describe(ratios, '', 3) : ratio.toFixed(3);
}

const COLUMNS = /** @type {const} */ (['what', 'ours', 'rival', 'ratio', 'goal', 'reached']);

/** @param {Row[]} rows @returns {string} */
export function renderRows(rows) {
  const texts = rows.map((row) => ({
    ...row,
    ratio: renderRatio(row),
    reached: row.isReached === null ? '' : row.isReached ? 'yes' : 'NO',
  }));
  const head = {
    what: '',
    ours: 'connstorm',
    rival: 'rival',
    ratio: 'ratio',
    goal: 'goal',
    reached: 'reached',
  };
  const lines = [head, ...texts];
  const widths = COLUMNS.map((column) => Math.max(...lines.map((line) => line[column].length)));
  const render = (/** @type {typeof head} */ line) =>
    COLUMNS.map((column, i) => line[column].padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return lines.map(render).join('\n');
}
