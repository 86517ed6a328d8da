import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const COUNT = fileURLToPath(new URL('../.ci/count-tests.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'connstorm-count-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let reports = 0;

/** A report of one file, whose tests end so. */
function report(...statuses: string[]): string {
  const path = join(folder, `${reports++}.json`);
  const assertionResults = statuses.map((status) => ({
    status,
    fullName: `a test that ${status}`,
  }));
  const file = { name: 'x.test.ts', status: 'passed', assertionResults };
  writeFileSync(path, JSON.stringify({ testResults: [file] }));
  return path;
}

function count(...paths: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COUNT, ...paths], {
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd(), stderr };
}

describe('what CI counts', () => {
  it('are the tests of all reports', () => {
    const told = count(report('passed', 'passed'), report('passed'));
    expect(told).toEqual({ status: 0, last: 'tests: 3 passed, 0 failed, 0 skipped', stderr: '' });
  });

  it.each<[string, () => string[]]>([
    ['a failed test', () => [report('passed', 'failed'), report('passed')]],
    ['a report without tests', () => [report('passed'), report()]],
    ['a report that is missing', () => [report('passed'), join(folder, 'none.json')]],
    ['no report', () => []],
  ])('makes it fail: %s', (_, list) => {
    expect(count(...list()).status).toBe(1);
  });

  it('names the tests that were skipped where they are more than a busy machine explains', () => {
    const { status, last, stderr } = count(report('passed', 'skipped', 'pending', 'skipped'));
    expect(last).toBe('tests: 1 passed, 0 failed, 3 skipped');
    // Where CI could not install what it installs, any number may be.
    if (status === 0) return;
    expect(stderr).toMatch(/^3 tests were skipped, and only 2 may be:$/m);
    expect(stderr).toContain('a test that skipped');
  });
});
