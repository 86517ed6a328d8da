import { expect, it } from 'vitest';
import { checkNeeds } from '../../../src/run/place/needs.ts';

it('a machine with too few CPUs cannot show a scenario, and says so', () => {
  expect(() => checkNeeds({ name: 'vertical', needs: { cpus: 4 } }, 2)).toThrow(
    'vertical cannot be shown on this machine: it needs 4 CPUs, and 2 can be used',
  );
});

it.each([
  [{ cpus: 4 }, 4],
  [undefined, 1],
])('needs of %j are met by %i CPUs', (needs, cpus) => {
  checkNeeds({ name: 'x', ...(needs === undefined ? {} : { needs }) }, cpus);
});
