// @ts-check
// Prints `tests: N passed, N failed, N skipped` from a report of vitest's JSON reporter, and fails unless tests ran
// and all of them passed. A file that failed outside its tests (at its top, in a hook) counts as
// one failed test.
import { readFileSync } from 'node:fs';

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** @param {string} path @returns {TestFile[]} */
function readTestFiles(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/** @param {TestFile} file */
function listStatuses({ status, assertionResults }) {
  const statuses = assertionResults.map((test) => test.status);
  return status === 'failed' && !statuses.includes('failed') ? [...statuses, 'failed'] : statuses;
}

const statuses = readTestFiles(process.argv[2] ?? '').flatMap(listStatuses);
const passed = statuses.filter((status) => status === 'passed').length;
const failed = statuses.filter((status) => status === 'failed').length;
const skipped = statuses.length - passed - failed;

console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
