import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

function bench(...args: string[]) {
  const env = { ...process.env, BENCH_SCALE: '0.2' };
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env });
}

it.each([
  [['--fast'], 'unknown flag --fast: there are --quick, --build DIR, --json and --help'],
  [['startup', 'stratup'], 'no benchmark is called stratup: there are connect, '],
  [['--build', tmpdir()], `${tmpdir()} is no checkout of connstorm: its top folder was expected`],
])('%j ends with 2 and one line', (args, line) => {
  const { status, stdout, stderr } = bench(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(line)]);
});

it('--help ends with 0', () => {
  expect(bench('--help')).toMatchObject({ status: 0, stderr: '' });
});

it('another build that fails is told, beside our own figures, and the exit code is 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-other-'));
  try {
    for (const name of ['bin', 'dist', 'src', 'node_modules']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'package.json'), '{ "name": "connstorm" }');
    writeFileSync(
      join(folder, 'bin/connstorm.js'),
      'console.error("out of order"); process.exit(9);',
    );
    writeFileSync(join(folder, 'dist/cli.js'), '');
    const { status, stdout, stderr } = bench('--json', '--build', folder, 'startup');
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toEqual([
      expect.objectContaining({
        type: 'header',
        node: process.versions.node,
        otherBuild: expect.objectContaining({ root: folder, commit: null }),
        says: [expect.stringMatching(/^TRIAL: /)],
      }),
      expect.objectContaining({ type: 'error', message: expect.stringContaining('out of order') }),
      expect.objectContaining({
        type: 'row',
        connstorm: { values: [expect.any(Number)], note: null },
        otherBuild: expect.objectContaining({ values: [], notMeasured: expect.any(String) }),
      }),
    ]);
    expect(stderr).toMatch(/other build +not compared: out of order\n/);
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
