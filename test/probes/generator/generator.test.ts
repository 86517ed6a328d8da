import { expect, it } from 'vitest';
import { chooseHost } from '../../../src/probes/generator/generator.ts';

it("keeps the host's totals where they cannot be read for a while", () => {
  const last = { busyUs: Number.MAX_SAFE_INTEGER, stolenUs: 7 };
  expect(chooseHost(undefined, last)).toBe(last);
  const told = { busyUs: 5, stolenUs: 1 };
  expect(chooseHost(told, last)).toBe(told);
});
