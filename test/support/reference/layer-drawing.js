// @ts-check

import { ALLOWED, FOUNDATION } from './layer-table.js';

/**
 * The drawing of the layers: a row for those of one height, which import only what stands further down.
 *
 * @returns {string} Markdown.
 */
export function renderLayers() {
  const layers = Object.keys(ALLOWED);
  const heights = new Map(layers.map((name) => [name, heightOf(name)]));
  const most = Math.max(...heights.values());
  const rows = Array.from({ length: most + 1 }, (_none, index) =>
    layers.filter((name) => heights.get(name) === most - index),
  );
  const drawing = rows.map((names) => names.join('   ')).join('\n');
  const table = layers.map((name) => `| ${code(name)} | ${listBelow(name)} |\n`);
  const base = FOUNDATION.map(code).join(', ');
  return `\`\`\`\n${drawing}\n\`\`\`\n\nEvery layer may import ${base}. In addition a layer may import:\n\n| layer | may import |\n|---|---|\n${table.join('')}`;
}

/** @param {string} name */
function listBelow(name) {
  return (ALLOWED[name] ?? []).map(code).join(', ') || 'nothing more';
}

/** @param {string} name */
function code(name) {
  return `\`${name}\``;
}

/** How many layers stand below it, along the longest way. @param {string} name @returns {number} */
function heightOf(name) {
  const below = (ALLOWED[name] ?? []).map(layerOf).filter((other) => other !== name);
  return below.length === 0 ? 0 : 1 + Math.max(...below.map(heightOf));
}

/** The layer that a folder or file belongs to. @param {string} path @returns {string} */
function layerOf(path) {
  const fitting = Object.keys(ALLOWED).filter(
    (name) => path === name || path.startsWith(`${name}/`),
  );
  return fitting.sort((one, other) => other.length - one.length)[0] ?? path;
}
