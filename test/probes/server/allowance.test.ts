import { expect, it } from 'vitest';
import { Allowance } from '../../../src/probes/server/allowance.ts';

it('is open until the latest of its ends, and tells once that it is over', () => {
  let nowUs = 0;
  const allowance = new Allowance(() => nowUs);
  expect([allowance.isOpen, allowance.takeEnd()]).toEqual([false, false]);
  allowance.allow(100);
  allowance.allow(50);
  nowUs = 99;
  expect([allowance.isOpen, allowance.takeEnd()]).toEqual([true, false]);
  nowUs = 100;
  expect([allowance.isOpen, allowance.takeEnd(), allowance.takeEnd()]).toEqual([
    false,
    true,
    false,
  ]);
  allowance.allow(200);
  nowUs = 300;
  expect(allowance.takeEnd()).toBe(true);
});
