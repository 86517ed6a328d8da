// @ts-check
// Prints `tests: N passed, N failed, N skipped` of all reports of vitest's JSON reporter that it is given. Fails unless
// each has tests, all of them passed, and few were skipped where everything is installed. A file that failed outside
// its tests (at its top, in a hook) counts as one failed test.
import { existsSync, readFileSync } from 'node:fs';

/** What CI installs where it may. Where one of these is missing, any number of tests may be skipped. */
const INSTALLED = [
  '/usr/lib/postgresql',
  '/usr/sbin/pgbouncer',
  '/usr/sbin/haproxy',
  '/usr/bin/zsh',
];
/** Tests that a machine with busy neighbours may skip: they would judge the neighbours. */
const MOST_SKIPPED = 2;

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

const reports = process.argv.slice(2).map((path) => readTestFiles(path).flatMap(listTests));
const tests = reports.flat();
/** @param {Test} test */
const isSkipped = ({ status }) => status !== 'passed' && status !== 'failed';
const passed = tests.filter(({ status }) => status === 'passed').length;
const failed = tests.filter(({ status }) => status === 'failed').length;
const skipped = tests.filter(isSkipped);

const allowed = INSTALLED.every((path) => existsSync(path))
  ? MOST_SKIPPED
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
