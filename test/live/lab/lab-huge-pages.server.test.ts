import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import {
  checkHugePages,
  type HugePages,
  readHugePagesUse,
} from '../../../src/lab/postgres/huge-pages.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { withLab } from '../../support/servers/lab.ts';

const VERSIONS: [string, string | undefined][] = [
  ['the embedded Postgres', undefined],
  ...listInstalled()
    .filter((version) => Number(version) >= 15)
    .map((version): [string, string] => [`Postgres ${version}`, join(INSTALLED, version, 'bin')]),
];

it.each([
  [{ huge_pages: 'on' }, 'on'],
  [{ Huge_Pages: true }, 'on'],
  [{ huge_pages: 'TRY' }, 'try'],
  [{ huge_pages: false }, 'off'],
  [{}, 'try'],
])('the settings %j use huge pages so: %s', (settings, use) => {
  expect(readHugePagesUse(settings)).toBe(use);
});

it('nothing is asked of the host if no server demands huge pages', async () => {
  const wish = { settings: {}, postgresBin: '/nowhere', servers: 1 };
  await checkHugePages([wish], () => Promise.reject(new Error('it was asked')));
});

describe.each(VERSIONS)('%s', (_, postgresBin) => {
  const settings = { shared_buffers: '200MB', max_connections: 50 };
  const wish = { settings: { ...settings, huge_pages: 'on' }, postgresBin, servers: 1 };
  const host = (pages: HugePages) => async () => pages;

  it('needs the huge pages that the server itself counts', async () => {
    const needed = await withLab(
      { settings, ...(postgresBin === undefined ? {} : { postgresBin }) },
      async ({ superuserUrl }) => {
        const client = new pg.Client(superuserUrl);
        await client.connect();
        const { rows } = await client.query('SHOW shared_memory_size_in_huge_pages');
        await client.end();
        return Number(rows[0].shared_memory_size_in_huge_pages);
      },
    );
    expect(needed).toBeGreaterThan(0);
    await checkHugePages([wish], host({ total: needed, free: needed }));
    const lacking = checkHugePages([wish], host({ total: 10, free: needed - 1 }));
    await expect(lacking).rejects.toThrow(UsageError);
    await expect(lacking).rejects.toThrow(
      `lab.postgres.hugePages on needs ${needed} huge pages, and this host has ${needed - 1} free ones: reserve them as root with sysctl vm.nr_hugepages=11, or set it to off or try`,
    );
    // One that only tries takes them, too.
    const three = [wish, { ...wish, settings, servers: 2 }];
    await expect(checkHugePages(three, host({ total: 0, free: 0 }))).rejects.toThrow(
      `sysctl vm.nr_hugepages=${3 * needed},`,
    );
  });
});

it('a size of its own, and a system without that size, are told', async () => {
  const settings = { huge_pages: 'on', huge_page_size: '2MB' };
  const wish = { settings, postgresBin: undefined, servers: 1 };
  const asked: (number | undefined)[] = [];
  const none = async (sizeKb: number | undefined) => {
    asked.push(sizeKb);
    return undefined;
  };
  await expect(checkHugePages([wish], none)).rejects.toThrow('this system has none');
  expect(asked).toEqual([2048]);
  await expect(checkHugePages([wish], async () => ({ total: 0, free: 0 }))).rejects.toThrow(
    /as root with sh -c 'echo \d+ >\/sys\/kernel\/mm\/hugepages\/hugepages-2048kB\/nr_hugepages'/,
  );
});
