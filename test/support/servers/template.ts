import { existsSync } from 'node:fs';
import { chown, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  if (!existsSync(dataFolder)) await makeTemplate(postgresBin, { dataFolder, superuserPassword });
  return { dataFolder, superuserPassword };
}

/** Whole when it gets its name, so that two test files may make the same one at the same time. */
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
  await rename(made, dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  await rm(folder, { recursive: true });
}
