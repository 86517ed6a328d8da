// @ts-check

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
  const gap = unit === '' || unit.startsWith('/') ? '' : ' ';
  return `${median(values).toFixed(decimals)}${gap}${unit}${range}`;
}

/**
 * Measures each in turn, forwards and backwards by turns, so that a slow minute of the machine meets all alike.
 *
 * @template T
 * @param {(() => Promise<T>)[]} measures
 * @param {number} rounds
 * @returns {Promise<T[][]>} For each measure its values, by rounds.
 */
export async function alternate(measures, rounds) {
  const taken = measures.map((measure) => ({ measure, values: /** @type {T[]} */ ([]) }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { measure, values } of round % 2 === 0 ? taken : taken.toReversed()) {
      values.push(await measure());
    }
  }
  return taken.map(({ values }) => values);
}
