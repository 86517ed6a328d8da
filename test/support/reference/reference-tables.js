// @ts-check

import { replacePart } from './reference.js';

/**
 * The README's tables of exit codes and variables.
 *
 * @param {string} readme
 * @param {typeof import('../../../src/errors.ts')} errors
 * @param {Record<string, string>} environment
 * @returns {string} The README with current tables.
 */
export function updateTables(readme, { EXIT_CODES, EXIT_MEANINGS }, environment) {
  const codes = EXIT_MEANINGS.map(
    ({ reason, meaning }) => `| ${EXIT_CODES[reason]} | ${meaning} |`,
  );
  const variables = Object.entries(environment).map(
    ([names, text]) => `| ${names.replace(/\w+/g, '`$&`').replace('`...`', '...')} | ${text} |`,
  );
  const withCodes = replacePart(
    readme,
    'exit-codes',
    `Where several hold, the first of these is the exit code:\n\n| code | meaning |\n|---|---|\n${codes.join('\n')}\n| ${EXIT_CODES.done} | done, and all budgets are met |\n`,
  );
  return replacePart(
    withCodes,
    'environment',
    `| variable | what it does |\n|---|---|\n${variables.join('\n')}\n`,
  );
}
