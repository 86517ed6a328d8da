import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';
import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts';
import { findBinaries } from '../../../src/lab/postgres/binaries.ts';
import { type ClusterTemplate, createCluster } from '../../../src/lab/postgres/cluster.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';

/** A lab that starts from a template, which the first of a test run to ask for it makes. */
export async function startFromTemplate(options: LabOptions = {}): Promise<Lab> {
  return startLab({ template: await findTemplate(options.postgresBin), ...options });
}

/** For who starts a lab elsewhere: of the embedded Postgres unless `postgresBin` says another. */
export async function findTemplate(postgresBin?: string): Promise<ClusterTemplate> {
  const { folder, superuserPassword } = inject('templates');
  const dataFolder = join(folder, postgresBin?.replaceAll('/', '-') ?? 'embedded');
  while (!existsSync(dataFolder)) {
    await alone(`${dataFolder}.lock`, async () => {
      if (existsSync(dataFolder)) return;
      await makeTemplate(postgresBin, { dataFolder, superuserPassword });
    });
  }
  return { dataFolder, superuserPassword };
}

/** Does `act` while nobody else does, of those that name the same lock; else waits a moment. */
async function alone(lock: string, act: () => Promise<void>): Promise<void> {
  try {
    await mkdir(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await delay(50);
    return;
  }
  await act().finally(() => rmdir(lock));
}

/** Whole when it gets its name: who sees it may use it. */
async function makeTemplate(
  postgresBin: string | undefined,
  { dataFolder, superuserPassword }: ClusterTemplate,
): Promise<void> {
  const folder = await mkdtemp(`${dataFolder}-`);
  const account = findServerAccount();
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const made = await createCluster({
    folder,
    binaries: await findBinaries(postgresBin, folder, account),
    account,
    conf: '',
    auth: 'scram-sha-256',
    superuserPassword,
  });
  await rename(made, dataFolder);
  await rm(folder, { recursive: true });
}
