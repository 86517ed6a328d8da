import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { access, chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LabOptions } from '../../../src/lab/lab.ts';
import { copyEmbedded, findEmbedded } from '../../../src/lab/postgres/embedded.ts';
import { findServerAccount, type ServerAccount } from '../../../src/lab/process/server-account.ts';
import {
  findInLab,
  findProcesses,
  WAIT,
  waitUntilNothingIsLeft,
} from '../../support/servers/leftovers.ts';
import { NO_PGBOUNCER } from '../../support/servers/pgbouncer.ts';
import { findTemplate, startFromTemplate } from '../../support/servers/template.ts';

/** The built code: it runs in processes of its own, and Node 20 runs no TypeScript. */
const LAB = new URL('../../../dist/lab/lab.js', import.meta.url).href;
const BINARIES = new URL('../../../dist/lab/postgres/binaries.js', import.meta.url).href;
const COMMAND = new URL('../../../dist/commands/lab.js', import.meta.url).href;

/** Holds a lab, prints what the tests need to know of it, and never ends by itself. */
const holdLab = (options: LabOptions, begin = ''): string => `
  import { startLab } from '${LAB}';
  process.on('SIGINT', () => console.log('{"interrupted":true}'));
  setInterval(() => {}, 1e9);
  const lab = await startLab(${JSON.stringify(options)});
  const { pid, folder, superuserUrl } = lab;
  ${begin}
  console.log(JSON.stringify({ pid, folder, superuserUrl }));
`;
const holdFromTemplate = async (begin?: string): Promise<string> =>
  holdLab({ template: await findTemplate() }, begin);
const RUN_COMMAND = `
  import { lab } from '${COMMAND}';
  const reasons = await lab.execute({ json: true, setting: ['work_mem=3MB'], pgbouncer: ${NO_PGBOUNCER === ''} }, process)
    .catch((error) => [error.message]);
  console.log(JSON.stringify({ reasons }));
`;

/** Where the labs of a test's processes have their folders; whoever is left over is found by it. */
let temporary: string;
let started: ChildProcess[];
const account = findServerAccount();
/** Whom root can become, so that this is tested although the tests run as root. */
const ordinary = account !== undefined && (await canRun(account)) ? account : undefined;

beforeEach(async () => {
  started = [];
  temporary = await mkdtemp(join(tmpdir(), 'connstorm-test-'));
  // The account of the server must be able to pass.
  await chmod(temporary, 0o711);
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await waitUntilNothingIsLeft(temporary);
  await rm(temporary, { recursive: true });
});

describe('after kill -9 of connstorm', () => {
  it.each([
    ['', () => {}],
    [', which was suspended,', (pid: number) => process.kill(pid, 'SIGSTOP')],
  ])('neither the server%s nor the folder is left', async (_, prepare) => {
    const { child, read } = start(await holdFromTemplate());
    const { pid, folder } = await read();
    expect(await readdir(temporary)).toHaveLength(1);
    expect(folder).toContain(temporary);
    prepare(Number(pid));
    child.kill('SIGKILL');
    await waitUntilNothingIsLeft(temporary);
  });

  it.skipIf(NO_PGBOUNCER !== '')(
    `neither the processes of its PgBouncer are left, one of them suspended${NO_PGBOUNCER}`,
    async () => {
      const { child, read } = start(
        await holdFromTemplate(`
          const { pids } = await lab.startPooler({ processes: 2 });
          process.kill(pids[0], 'SIGSTOP');
        `),
      );
      await read();
      const programs = (await findProcesses(temporary)).map(({ args }) => args);
      expect(programs.filter((args) => args.includes('/pgbouncer '))).toHaveLength(2);
      child.kill('SIGKILL');
      await waitUntilNothingIsLeft(temporary);
    },
  );

  it.each(['data/postgresql.conf', 'postgres.log'])(
    'in the middle of its start, when it has made %s, nothing is left either',
    async (path) => {
      const { child } = start(holdLab({}));
      await vi.waitFor(async () => access(await findInLab(temporary, path)), WAIT);
      child.kill('SIGKILL');
      await waitUntilNothingIsLeft(temporary);
    },
  );

  it.each([1, 2, 3])('as soon as its folder is there, nothing is left either (%d)', async () => {
    const made = watchFor(temporary, 'connstorm-lab-');
    const { child } = start(holdLab({}));
    await made;
    child.kill('SIGKILL');
    await waitUntilNothingIsLeft(temporary);
  });
});

/** Resolves when something of that name is made in the folder. */
function watchFor(folder: string, prefix: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name?.startsWith(prefix) !== true) return;
      watcher.close();
      resolve();
    });
  });
}

it('a lab outlives the Ctrl-C that a terminal sends to the whole process group', async () => {
  const { child, read } = start(await holdFromTemplate());
  const { superuserUrl } = await read();
  // Its group is its own, as a job's in a terminal.
  process.kill(-Number(child.pid), 'SIGINT');
  expect(await read()).toEqual({ interrupted: true });
  const client = new pg.Client(String(superuserUrl));
  await client.connect();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

it('stops although its watchdog was killed', async () => {
  const lab = await startFromTemplate();
  const watchdogs = (await findProcesses(lab.folder)).filter(({ args }) =>
    args.startsWith('/bin/sh'),
  );
  expect(watchdogs).toHaveLength(1);
  for (const { pid } of watchdogs) process.kill(pid, 'SIGKILL');
  await lab.stop();
  expect(await findProcesses(lab.folder)).toEqual([]);
  await expect(readdir(lab.folder)).rejects.toThrow('ENOENT');
});

it('leaves alone what is not its own, even if it reads in the folder of the lab', async () => {
  const lab = await startFromTemplate();
  const reader = spawn('tail', ['-f', lab.logPath], { stdio: 'ignore' });
  started.push(reader);
  await once(reader, 'spawn');
  await lab.stop();
  expect(reader.exitCode ?? reader.signalCode).toBeNull();
});

describe('connstorm lab', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('prints its URLs and ends at %s', async (signal) => {
    const { child, read } = start(RUN_COMMAND);
    const { direct, pooled } = await read();
    expect(pooled === undefined).toBe(NO_PGBOUNCER !== '');
    for (const url of [direct, pooled ?? direct]) {
      const client = new pg.Client(String(url));
      await client.connect();
      expect((await client.query('SHOW work_mem')).rows).toEqual([{ work_mem: '3MB' }]);
      await client.end();
    }
    // It may be gone before its last line is looked at.
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await read()).toEqual({ reasons: [] });
    expect(await readdir(temporary)).toEqual([]);
    expect(await exited).toEqual([0, null]);
  });

  it('says so when its server is gone', async () => {
    const { read } = start(RUN_COMMAND);
    const { pid } = await read();
    process.kill(Number(pid), 'SIGKILL');
    expect(await read()).toEqual({
      reasons: [
        expect.stringMatching(/^the lab's Postgres ended by itself: it was ended by SIGKILL/),
      ],
    });
  });
});

describe('as an ordinary user', () => {
  it.skipIf(ordinary === undefined)(
    'a lab runs under the own account (needs root, and the built code where nobody can read it)',
    async () => {
      await chown(temporary, ordinary?.uid ?? 0, ordinary?.gid ?? 0);
      const { child, read } = start(await holdFromTemplate(), ordinary);
      expect((await read()).pid).toBeGreaterThan(0);
      child.kill('SIGKILL');
    },
  );

  it.skipIf(ordinary === undefined)(
    'a read-only package without links runs as a copy (needs the same)',
    async () => {
      const native = await copyEmbedded(findEmbedded(), join(temporary, 'native'));
      const [link] = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
      await rm(join(native, '..', link.target));
      const copy = await mkdtemp(join(temporary, 'copy-'));
      await chown(copy, ordinary?.uid ?? 0, ordinary?.gid ?? 0);
      const { read } = start(
        `import { useEmbedded } from '${BINARIES}';
         console.log(JSON.stringify(await useEmbedded('${native}', '${copy}', undefined)));`,
        ordinary,
      );
      expect(await read()).toMatchObject({ postgres: join(copy, 'native', 'bin', 'postgres') });
    },
  );
});

/** Starts a module in a process group of its own; `read` takes the next line it prints. */
function start(source: string, as?: ServerAccount) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: '/',
    detached: true,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(as === undefined ? {} : { uid: as.uid, gid: as.gid }),
  });
  started.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the process ended without a word');
    return JSON.parse(value);
  };
  return { child, read };
}

async function canRun({ uid, gid }: ServerAccount): Promise<boolean> {
  const source = `await import('${LAB}')`;
  const args = ['--input-type=module', '-e', source];
  const child = spawn(process.execPath, args, { cwd: '/', uid, gid, stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [1]);
  return code === 0;
}
