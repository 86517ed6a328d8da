import { expect, it } from 'vitest';
import { suggestPlainNumber } from '../../src/scenario/plain-number.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';

it.each([
  ['50/s', '; write 50, without a unit'],
  ['1,000', '; write 1000'],
  ['1_000.5', '; write 1000.5'],
  ['2k', '; write 2000, without a unit'],
  ['2.5 k', '; write 2500, without a unit'],
  ['5%', '; write 0.05, without a unit'],
  ['7 %', '; write 0.07, without a unit'],
  ['5', '; write 5'],
  ['abc', ''],
  ['5 apples', ''],
  ['', ''],
  ['/s', ''],
])('%j%s', (text, advice) => {
  expect(suggestPlainNumber(text)).toBe(advice);
});

it('stands in the message about a rate', async () => {
  const { stderr } = await runInProcess(['run', 'steady', '--rate', '50/s']);
  expect(stderr).toBe(
    'connstorm: --rate 50/s: load.rate must be a number, got "50/s"; write 50, without a unit\n',
  );
});
