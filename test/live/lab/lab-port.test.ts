import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBinaries } from '../../../src/lab/postgres/binaries.ts';
import { createCluster } from '../../../src/lab/postgres/cluster.ts';
import { type PostmasterOptions, startPostmaster } from '../../../src/lab/postgres/postmaster.ts';
import { renderSettings } from '../../../src/lab/postgres/settings.ts';
import { createLabFolder } from '../../../src/lab/process/lab-folder.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';
import { startWatchdog, type Watchdog } from '../../../src/lab/process/watchdog.ts';

let options: PostmasterOptions;
let watchdog: Watchdog;

beforeEach(async () => {
  const account = findServerAccount();
  const folder = await createLabFolder(account);
  watchdog = await startWatchdog(folder);
  const binaries = await findBinaries(undefined, folder, account);
  const cluster = { folder, binaries, account, conf: renderSettings({}), superuserPassword: 'x' };
  const dataFolder = await createCluster({ ...cluster, auth: 'trust' });
  options = { name: 'Postgres', folder, dataFolder, binaries, account };
});
afterEach(() => watchdog.stop());

it('takes another port where one is taken, and gives up after five', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const taken = (holder.address() as AddressInfo).port;

  let tried = 0;
  const taking = startPostmaster(options, () => {
    tried++;
    return taken;
  });
  await expect(taking).rejects.toThrow(
    /^the lab's Postgres 18\.\S+ did not start: .*could not create any TCP/,
  );
  expect(tried).toBe(5);

  const free = await findFreePort();
  const ports = [taken, taken];
  const postmaster = await startPostmaster(options, () => ports.pop() ?? free);
  expect(postmaster.port).toBe(free);
  holder.close();
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
