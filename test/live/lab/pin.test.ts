import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { readAllowedCpus } from '../../../src/probes/proc/cpus.ts';
import { readResult } from '../../../src/result/read/read.ts';
import { startCli } from '../../support/cli/cli.ts';
import { temporaryPath } from '../../support/run-storm.ts';
import { NO_PGBOUNCER } from '../../support/servers/pgbouncer.ts';

const obstacle = findObstacle();

it.skipIf(obstacle !== undefined)(
  `keeps connstorm's threads and the lab's server on the CPUs that --pin gives them${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  async () => {
    const [first, second] = readAllowedCpus() ?? [];
    const out = temporaryPath('pinned.ndjson');
    const pins = ['--pin', `generator=${first}`, `server=${second}`];
    const pooled = NO_PGBOUNCER === '' ? ['--set', 'target=pooled'] : [];
    const run = startCli(
      ['run', 'steady', '--rate', '20', '--duration', '4s', '--out', out, ...pooled, ...pins],
      dirname(out),
    );
    // The threads run and the server has been logged in to.
    while (!readText(out).includes('"interval"')) await Promise.race([run.ended, nextTurn()]);
    const pid = run.child.pid ?? 0;
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`);
    expect(threads.length).toBeGreaterThan(2);
    expect([...new Set(threads.map(readCpus))]).toEqual([`${first}`]);
    for (const program of ['postgres', ...(NO_PGBOUNCER === '' ? ['pgbouncer'] : [])]) {
      expect(readCpus(findChild(pid, program))).toBe(`${second}`);
    }
    const { stdout } = await run.ended;
    expect(stdout).toContain(
      `pinned: connstorm to CPU ${first}, the lab's server to CPU ${second}`,
    );
    const { header } = readResult(out, () => {});
    expect(header.environment.pinned).toEqual({ generator: `${first}`, server: `${second}` });
  },
);

it.skipIf(obstacle !== undefined)(
  `keeps the lab's server alone on the CPUs that the scenario gives it${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  async () => {
    const [, second] = readAllowedCpus() ?? [];
    const out = temporaryPath('cpus.ndjson');
    const cpus = ['--set', `lab.postgres.cpus="${second}"`];
    const run = startCli(
      ['run', 'steady', '--rate', '20', '--duration', '3s', '--out', out, ...cpus],
      dirname(out),
    );
    while (!readText(out).includes('"interval"')) await Promise.race([run.ended, nextTurn()]);
    const pid = run.child.pid ?? 0;
    expect(readCpus(findChild(pid, 'postgres'))).toBe(`${second}`);
    expect(readCpus(`${pid}/task/${pid}`)).not.toBe(`${second}`);
    await run.ended;
  },
);

function findObstacle(): string | undefined {
  if ((readAllowedCpus()?.length ?? 0) < 2) return 'one CPU';
  try {
    execFileSync('taskset', ['--version']);
    return undefined;
  } catch {
    return 'no taskset';
  }
}

/** The child that runs a program of the lab. */
function findChild(pid: number, program: string): string {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => readText(`/proc/${name}/status`).includes(`\nPPid:\t${pid}\n`));
  const child = children.find((name) => readText(`/proc/${name}/comm`).startsWith(program));
  if (child === undefined) throw new Error(`connstorm has no child that is a ${program}`);
  return child;
}

function readCpus(path: string): string | undefined {
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(readText(`/proc/${path}/status`))?.[1];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
