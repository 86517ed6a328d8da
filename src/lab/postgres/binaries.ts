import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors.ts';
import { runAs } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import { copyEmbedded, findEmbedded, restoreLinks } from './embedded.ts';

/** Programs that the server's account can run. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** Their version, e.g. `18.4`. */
  version: string;
}

const OLDEST_VERSION = 13;

/**
 * Returns the programs of `postgresBin`, or the embedded ones if it is undefined.
 *
 * @param folder the lab's; takes a copy of the embedded programs if they cannot run where they are
 * @throws UsageError if there are none that can run
 */
export async function findBinaries(
  postgresBin: string | undefined,
  folder: string,
  account: ServerAccount | undefined,
): Promise<Binaries> {
  return postgresBin === undefined
    ? useEmbedded(findEmbedded(), folder, account)
    : useInstalled(resolve(postgresBin), account);
}

/**
 * Returns the programs of an embedded package's folder `native`. They run where they are if possible. That is
 * impossible if links are missing and the folder is read-only, or if the server's account may not enter it, as below
 * /root. Then they run from a copy.
 */
export async function useEmbedded(
  native: string,
  folder: string,
  account: ServerAccount | undefined,
): Promise<Binaries> {
  if (await restoreLinks(native)) {
    const binaries = await probe(join(native, 'bin'), account).catch(() => undefined);
    if (binaries !== undefined) return binaries;
  }
  const bin = join(await copyEmbedded(native, join(folder, 'native')), 'bin');
  return probe(bin, account).catch((error: unknown) => {
    throw new UsageError(
      'LAB_UNAVAILABLE',
      `the embedded Postgres does not run${asWhom(account)} (${reason(error)}): set TMPDIR to a folder that programs can be run from, name an installed Postgres with --postgres-bin DIR, or a server with --target URL`,
      { cause: error },
    );
  });
}

/**
 * Checks that the programs exist, but not that they run.
 *
 * @param source where the folder was named, for messages: `--postgres-bin` or `lab.postgres.bin`
 * @throws UsageError if they do not exist
 */
export async function checkPrograms(
  postgresBin: string | undefined,
  source?: string,
): Promise<void> {
  if (postgresBin === undefined) findEmbedded();
  else await checkInstalled(resolve(postgresBin), source);
}

async function checkInstalled(bin: string, source = '--postgres-bin'): Promise<void> {
  for (const name of ['initdb', 'postgres']) {
    await access(join(bin, name)).catch((error: unknown) => {
      const message = `${source} ${bin} has no ${name}: it must be the folder of a Postgres server's programs, e.g. /usr/lib/postgresql/18/bin`;
      throw new UsageError('LAB_POSTGRES_BIN', message, { cause: error });
    });
  }
}

async function useInstalled(bin: string, account: ServerAccount | undefined): Promise<Binaries> {
  await checkInstalled(bin);
  const binaries = await probe(bin, account).catch((error: unknown) => {
    const message = `${join(bin, 'postgres')} does not run${asWhom(account)}: ${reason(error)}`;
    throw new UsageError('LAB_POSTGRES_BIN', message, { cause: error });
  });
  if (Number.parseInt(binaries.version, 10) < OLDEST_VERSION) {
    const message = `the Postgres in ${bin} is ${binaries.version}: the lab needs ${OLDEST_VERSION} or later`;
    throw new UsageError('LAB_POSTGRES_BIN', message);
  }
  return binaries;
}

/** Runs `postgres --version` under the server's account. Rejects if that fails. */
async function probe(bin: string, account: ServerAccount | undefined): Promise<Binaries> {
  const postgres = join(bin, 'postgres');
  const { stdout } = await promisify(execFile)(postgres, ['--version'], {
    ...runAs(account),
    timeout: 10_000,
  });
  const version = /\(PostgreSQL\) (\d\S*)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`postgres --version printed ${stdout.trim()}`);
  return { initdb: join(bin, 'initdb'), postgres, version };
}

function asWhom(account: ServerAccount | undefined): string {
  return account === undefined ? '' : ` as ${account.name}`;
}

/** Returns one line: what the program wrote, or why it could not be started. */
function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: unknown; message?: unknown };
  const text = typeof stderr === 'string' && stderr.trim() !== '' ? stderr : String(message);
  return text.trim().split('\n')[0] ?? '';
}
