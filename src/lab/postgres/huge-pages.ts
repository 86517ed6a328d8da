import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors.ts';
import type { Settings } from '../check-settings.ts';
import { CleanUp } from '../process/clean-up.ts';
import { createLabFolder, nameLabFolder } from '../process/lab-folder.ts';
import { runAs } from '../process/program.ts';
import { findServerAccount, type ServerAccount } from '../process/server-account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { renderSettings } from './settings.ts';

/** A lab whose servers may use huge pages. */
export interface HugePagesWish {
  settings: Settings;
  postgresBin: string | undefined;
  /** Servers with these settings: the lab's server and its replicas. */
  servers: number;
}

/** Huge pages of one size. */
export interface HugePages {
  /** How many are reserved. */
  total: number;
  /** How many of them are neither used nor reserved. */
  free: number;
}

/** Returns how a server uses huge pages: `on` demands them, `try` takes them if they are free. Names have any case. */
export function readHugePagesUse(settings: Settings): 'on' | 'off' | 'try' {
  const found = Object.entries(settings).find(([name]) => name.toLowerCase() === 'huge_pages');
  const value = String(found?.[1] ?? 'try').toLowerCase();
  if (ON.has(value)) return 'on';
  return value === 'try' ? 'try' : 'off';
}

const ON: ReadonlySet<string> = new Set(['on', 'true', 'yes', '1']);

/** The host has too few huge pages. Its code is `HUGE_PAGES`. */
export class HugePagesError extends UsageError {
  /** What is needed, what there is, and how to reserve them if that is possible, without a full stop. */
  readonly lack: string;

  constructor(lack: string, joint: string) {
    super('HUGE_PAGES', `lab.postgres.hugePages on needs ${lack}${joint}set it to off or try`);
    this.lack = lack;
  }
}

/**
 * Checks that the host has enough free huge pages for the servers of all labs, which run at the same time, if one of
 * them demands them. Postgres itself says how many a server needs (since 15), from a cluster that is made for this
 * question and then removed. An older server says at its start what is missing.
 *
 * @throws HugePagesError with one line that says how to reserve them
 */
export async function checkHugePages(
  wishes: readonly HugePagesWish[],
  readPages: (sizeKb: number | undefined) => Promise<HugePages | undefined> = readHugePages,
): Promise<void> {
  const uses = wishes.map(({ settings }) => readHugePagesUse(settings));
  if (!uses.includes('on')) return;
  const needed = new Map<number | undefined, number>();
  // A server with `try` may take huge pages from one with `on`.
  for (const wish of wishes.filter((_, index) => uses[index] !== 'off')) {
    const need = await measureNeed(wish);
    if (need === undefined) continue;
    needed.set(need.sizeKb, (needed.get(need.sizeKb) ?? 0) + need.count * wish.servers);
  }
  for (const [sizeKb, count] of needed) {
    const pages = await readPages(sizeKb);
    if (pages === undefined)
      throw new HugePagesError('huge pages of that size, and this system has none', ': ');
    if (pages.free < count) throw new HugePagesError(describeLack(pages, count, sizeKb), ', or ');
  }
}

interface Need {
  count: number;
  /** undefined: the system's default size. */
  sizeKb: number | undefined;
}

/** Resolves with what one server needs; undefined if it cannot say so. */
async function measureNeed({ settings, postgresBin }: HugePagesWish): Promise<Need | undefined> {
  const account = findServerAccount();
  const folder = nameLabFolder();
  const cleanUp = await CleanUp.start(folder);
  try {
    await createLabFolder(account, folder);
    const binaries = await findBinaries(postgresBin, folder, account);
    if (Number.parseInt(binaries.version, 10) < OLDEST_VERSION) return undefined;
    const conf = renderSettings(settings);
    const cluster = { folder, binaries, account, conf, superuserPassword: 'unused' };
    const dataFolder = await createCluster({ ...cluster, auth: 'trust' });
    const ask = (name: string) => askServer(name, { binaries, dataFolder, account });
    const count = Number(await ask('shared_memory_size_in_huge_pages'));
    const sizeKb = readSizeKb(await ask('huge_page_size'));
    return count > 0 ? { count, sizeKb } : undefined;
  } finally {
    await cleanUp.run();
  }
}

/** The server says how many huge pages it needs since 15. */
const OLDEST_VERSION = 15;

async function askServer(
  name: string,
  {
    binaries,
    dataFolder,
    account,
  }: { binaries: Binaries; dataFolder: string; account: ServerAccount | undefined },
): Promise<string> {
  const args = ['-D', dataFolder, '-C', name];
  const { stdout } = await promisify(execFile)(binaries.postgres, args, runAs(account));
  return stdout.trim();
}

/** Reads the setting huge_page_size, as Postgres prints it: in kB, and 0 for the system's default. */
function readSizeKb(text: string): number | undefined {
  const kb = Number.parseInt(text, 10);
  return kb > 0 ? kb : undefined;
}

/** Reads Linux's counts. Resolves with undefined if there are none for that size. */
async function readHugePages(sizeKb: number | undefined): Promise<HugePages | undefined> {
  const size = sizeKb ?? (await readDefaultSizeKb());
  const folder = `/sys/kernel/mm/hugepages/hugepages-${size}kB`;
  const read = async (name: string) => Number(await readFile(join(folder, name), 'utf8'));
  try {
    const [total, free, promised] = await Promise.all(
      ['nr_hugepages', 'free_hugepages', 'resv_hugepages'].map(read),
    );
    return { total: total ?? 0, free: (free ?? 0) - (promised ?? 0) };
  } catch {
    return undefined;
  }
}

async function readDefaultSizeKb(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  return Number(/^Hugepagesize:\s*(\d+) kB/m.exec(text)?.[1] ?? 0);
}

function describeLack(
  { total, free }: HugePages,
  count: number,
  sizeKb: number | undefined,
): string {
  const wanted = total + count - free;
  const command =
    sizeKb === undefined
      ? `sysctl vm.nr_hugepages=${wanted}`
      : `sh -c 'echo ${wanted} >/sys/kernel/mm/hugepages/hugepages-${sizeKb}kB/nr_hugepages'`;
  return `${count} huge pages, and this host has ${free} free ones: reserve them as root with ${command}`;
}
