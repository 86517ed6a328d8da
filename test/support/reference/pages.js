// @ts-check

import { renderCommands, renderEnvironment } from './command-line.js';
import { replacePart } from './generated-part.js';
import { renderLayers } from './layer-drawing.js';
import { renderScenarioParts } from './scenario-fields.js';

/**
 * What the pages are made from.
 *
 * @typedef {object} Sources
 * @property {import('./scenario-fields.js').Node} scenario The scenario's JSON Schema.
 * @property {Pick<typeof import('../../../src/errors.ts'), 'EXIT_CODES' | 'EXIT_MEANINGS'>} errors
 * @property {Record<string, string>} environment
 * @property {readonly import('./command-line.js').CommandHelp[]} commands
 */

/**
 * The pages that have generated parts, by their path in the repository, and what those parts hold.
 *
 * @param {Sources} sources
 * @returns {Record<string, Record<string, string>>} Markdown by page and part.
 */
export function renderPages({ scenario, errors, environment, commands }) {
  return {
    'ARCHITECTURE.md': { layers: renderLayers() },
    'docs/reference/scenario.md': renderScenarioParts(scenario),
    'docs/reference/cli.md': {
      commands: renderCommands(commands),
      environment: renderEnvironment(environment),
    },
    'docs/reference/exit-codes.md': { 'exit-codes': renderExitCodes(errors) },
  };
}

/** @param {string} page Its Markdown. @param {Record<string, string>} parts @returns {string} The page with current parts. */
export function updatePage(page, parts) {
  return Object.entries(parts).reduce((text, [name, part]) => replacePart(text, name, part), page);
}

/** @param {Sources['errors']} errors */
function renderExitCodes({ EXIT_CODES, EXIT_MEANINGS }) {
  const rows = EXIT_MEANINGS.map(
    ({ reason, meaning }) => `| ${EXIT_CODES[reason]} | ${meaning} |\n`,
  );
  return `| code | meaning |\n|---|---|\n${rows.join('')}| ${EXIT_CODES.done} | done, and all budgets are met |\n`;
}
