import { expect, it } from 'vitest';
import { parseArguments, renderUsage } from './arguments.js';

const NAMES = ['connect', 'tls'];
const NONE = { names: [], isQuick: false, isJson: false, buildFolder: null };

it.each([
  [[], NONE],
  [['tls', 'connect'], { ...NONE, names: ['tls', 'connect'] }],
  [['--quick', '--json'], { ...NONE, isQuick: true, isJson: true }],
  [['--build', '../old', 'tls'], { ...NONE, names: ['tls'], buildFolder: '../old' }],
  [['--build=../a=b'], { ...NONE, buildFolder: '../a=b' }],
])('takes %j', (words, expected) => {
  expect(parseArguments(words, NAMES)).toEqual(expected);
});

it.each([
  [['scram'], 'no benchmark is called scram: there are connect, tls'],
  [['toString'], 'no benchmark is called toString: there are connect, tls'],
  [['tls', '--fast'], 'unknown flag --fast: there are --quick, --build DIR, --json and --help'],
  [['-q'], 'unknown flag -q: there are --quick, --build DIR, --json and --help'],
  [['--quick=no'], '--quick takes no value, got no'],
  [['--json='], '--json takes no value, got '],
  [['--build'], '--build needs the folder of another checkout: --build DIR'],
  [['--build='], '--build needs the folder of another checkout: --build DIR'],
  [['--build', '--quick'], '--build needs the folder of another checkout: --build DIR'],
  [['--build', 'a', '--build', 'b'], '--build was given twice: one other checkout is measured'],
])('refuses %j in one line', (words, refusal) => {
  expect(parseArguments(words, NAMES)).toEqual({ refusal });
});

it('the help says every benchmark and flag', () => {
  expect(parseArguments(['tls', '--help'], NAMES)).toBe('help');
  expect(parseArguments(['-h'], NAMES)).toBe('help');
  const usage = renderUsage(NAMES, ['tls']);
  for (const word of ['connect, tls', '--quick', '--build DIR', '--json', 'Exit codes']) {
    expect(usage).toContain(word);
  }
});
