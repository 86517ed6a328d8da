import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAllowedCpus } from '../../src/probes/cpus.ts';
import { chooseCpu, pickHelpers } from '../../src/run/helper-threads.ts';
import { findTaskset } from '../../src/run/taskset.ts';

const threads = (...names: string[]) => names.map((name, index) => ({ id: 100 + index, name }));
const ids = (picked: { id: number }[]): number[] => picked.map(({ id }) => id);

describe("V8's helpers among the threads of a process", () => {
  it.each<[string, string[], number[]]>([
    ['Node 20', Array<string>(11).fill('node'), [102, 103, 104, 105]],
    [
      'Node 22',
      ['node', 'DelayedTaskSche', 'node', 'node', 'node', 'node', 'libuv-worker', 'libuv-worker'],
      [102, 103, 104, 105],
    ],
    [
      'Node 24',
      ['MainThread', 'DelayedTaskSche', 'V8Worker', 'V8Worker', 'SignalInspector', 'libuv-worker'],
      [102, 103],
    ],
    ['too few', ['node', 'node', 'node', 'node'], []],
    ['none, as the system tells of no threads', [], []],
  ])('are found: %s', (_, names, expected) => {
    expect(ids(pickHelpers(threads(...names), 100, false))).toEqual(expected);
  });

  it('are not guessed where somebody has chosen how many there are', () => {
    expect(pickHelpers(threads(...Array<string>(11).fill('node')), 100, true)).toEqual([]);
    expect(ids(pickHelpers(threads('MainThread', 'V8Worker'), 100, true))).toEqual([101]);
  });

  it('are in the order in which they were started, whatever the order they are listed in', () => {
    const listed = threads(...Array<string>(8).fill('node')).reverse();
    expect(ids(pickHelpers(listed, 100, false))).toEqual([102, 103, 104, 105]);
  });
});

it.each<[number[], number, number | undefined]>([
  [[0, 1], 4, 0],
  [[3, 2, 5], 4, 2],
  [[0, 1, 2, 3], 4, 0],
  [[0, 1, 2, 3, 4], 4, undefined],
  [[1], 4, undefined],
  [[0, 1], 0, undefined],
  [[0, 1], 1, undefined],
  [[], 4, undefined],
])('of the CPUs %j the CPU for %i helpers is %j', (allowed, helpers, cpu) => {
  expect(chooseCpu(allowed, helpers)).toBe(cpu);
});

/** Has much compiled, then prints of each thread its number, its CPUs and the CPU time it took. */
const COMPILING = `
import { readdirSync, readFileSync } from 'node:fs';
const { gatherHelpers } = await import(process.argv[1]);
gatherHelpers();
const functions = Array.from({ length: 1500 }, (_, i) =>
  new Function('n', 'let s = ' + i + '; for (let i = 0; i < n; i++) s = (s * 31 + i) | 0; return s'));
for (let round = 0; round < 20; round++) for (const one of functions) one(2000);
await new Promise((resolve) => setTimeout(resolve, 300));
const threads = readdirSync('/proc/self/task').map((id) => ({
  id: Number(id),
  cpus: /^Cpus_allowed_list:\\s*(\\S+)/m.exec(readFileSync('/proc/self/task/' + id + '/status', 'latin1'))[1],
  cpuNs: Number(readFileSync('/proc/self/task/' + id + '/schedstat', 'latin1').split(' ')[0]),
}));
console.log(JSON.stringify({ pid: process.pid, threads }));
`;

const allowed = readAllowedCpus() ?? [];

it.runIf(chooseCpu(allowed, 4) !== undefined && findTaskset())(
  'the threads that are kept to one CPU are those that compile, and no others',
  () => {
    const file = fileURLToPath(new URL('../../dist/run/helper-threads.js', import.meta.url));
    const args = ['--input-type=module', '-e', COMPILING, file];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { pid, threads: found } = JSON.parse(stdout) as {
      pid: number;
      threads: { id: number; cpus: string; cpuNs: number }[];
    };
    const busiest = found
      .filter(({ id }) => id !== pid)
      .sort((a, b) => b.cpuNs - a.cpuNs)
      .slice(0, 4);
    const gathered = found.filter(({ cpus }) => cpus === `${chooseCpu(allowed, 4)}`);
    expect(ids(gathered)).toEqual(ids(busiest).sort((a, b) => a - b));
  },
);
