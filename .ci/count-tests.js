// @ts-check
// Prints `tests: N passed, N failed, N skipped` of all reports of vitest's JSON reporter that it is given. Fails unless
// each has tests, all of them passed, and no more were skipped than for want of a program. A file that failed outside
// its tests (at its top, in a hook) counts as one failed test.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** How many tests are skipped where a program is missing that CI does not install. */
const SKIPPED_WITHOUT = { zsh: 1 };
/** What CI installs where it may. Without it any number may be skipped. */
const INSTALLED = ['/usr/sbin/pgbouncer', '/usr/lib/postgresql'];

/**
 * @typedef {{ status: string, fullName: string }} Test
 * @typedef {{ name: string, status: string, assertionResults: Test[] }} TestFile
 */

/** @param {string} path @returns {TestFile[]} */
function readTestFiles(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/** @param {TestFile} file @returns {Test[]} */
function listTests({ name, status, assertionResults: tests }) {
  const isTold = status !== 'failed' || tests.some((test) => test.status === 'failed');
  return isTold ? tests : [...tests, { status: 'failed', fullName: name }];
}

/** @param {string} program */
const isMissing = (program) => spawnSync(program, ['--version']).error !== undefined;

const reports = process.argv.slice(2).map((path) => readTestFiles(path).flatMap(listTests));
const tests = reports.flat();
/** @param {Test} test */
const isSkipped = ({ status }) => status !== 'passed' && status !== 'failed';
const passed = tests.filter(({ status }) => status === 'passed').length;
const failed = tests.filter(({ status }) => status === 'failed').length;
const skipped = tests.filter(isSkipped);

const missing = Object.entries(SKIPPED_WITHOUT).filter(([program]) => isMissing(program));
const allowed = INSTALLED.every((path) => existsSync(path))
  ? missing.reduce((sum, [, count]) => sum + count, 0)
  : Number.POSITIVE_INFINITY;
const hasSkippedMore = skipped.length > allowed;
if (hasSkippedMore) {
  console.error(`${skipped.length} tests were skipped, and only ${allowed} may be:`);
  for (const { fullName } of skipped) console.error(`  ${fullName}`);
}
const isEmpty =
  reports.length === 0 ||
  reports.some((report) => !report.some((test) => test.status === 'passed'));
process.exitCode = failed > 0 || hasSkippedMore || isEmpty ? 1 : 0;
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped.length} skipped`);
