import { expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { HugePagesError } from '../../../src/lab/postgres/huge-pages.ts';
import { CANNOT_BE_SHOWN, checkNeeds, excuseHugePages } from '../../../src/run/place/needs.ts';

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

const LACK =
  '9 huge pages, and this host has 0 free ones: reserve them as root with sysctl vm.nr_hugepages=9';

it('a host with too few huge pages cannot show a scenario that needs them, and says how to reserve them', () => {
  const lacking = new HugePagesError(LACK, ', or ');
  const excused = excuseHugePages(lacking, { name: 'huge-pages', needs: { hugePages: true } });
  expect(excused).toMatchObject({
    code: CANNOT_BE_SHOWN,
    message: `huge-pages cannot be shown on this machine: it needs ${LACK}`,
  });
});

it('too few huge pages are a wrong setting in a scenario that does not say that it needs them', () => {
  const lacking = new HugePagesError(LACK, ', or ');
  expect(excuseHugePages(lacking, { name: 'x' })).toBe(lacking);
  expect(lacking.message).toBe(`lab.postgres.hugePages on needs ${LACK}, or set it to off or try`);
});

it('another failure is not excused by huge pages', () => {
  const other = new UsageError('X', 'initdb failed');
  expect(excuseHugePages(other, { name: 'x', needs: { hugePages: true } })).toBe(other);
});
