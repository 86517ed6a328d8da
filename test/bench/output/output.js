// @ts-check

import { renderHeader } from '../header.js';
import { COLUMNS, renderRow, toRecord } from './render.js';

/**
 * Where figures go: as text or as JSON lines to standard output; beside JSON lines the text goes to standard error.
 *
 * @param {boolean} isJson
 */
export function createOutput(isJson) {
  const say = isJson ? console.error : console.log;
  /** @param {object} record */
  const write = (record) => {
    if (isJson) console.log(JSON.stringify(record));
  };
  return {
    /** @param {Parameters<typeof renderHeader>[0]} header */
    header: (header) => {
      write(header);
      say(`${renderHeader(header)}\n\n${COLUMNS}`);
    },
    /** @param {string} benchmark */
    progress: (benchmark) => console.error(`measuring: ${benchmark}`),
    /** @param {string} benchmark @param {import('./rows.js').Row} row */
    row: (benchmark, row) => {
      write(toRecord(benchmark, row));
      say(renderRow(row));
    },
    /** @param {string} benchmark @param {unknown} error */
    error: (benchmark, error) => {
      const message = error instanceof Error ? error.message : `${error}`;
      write({ type: 'error', benchmark, message });
      console.error(`${benchmark}: ${message}`);
    },
  };
}
