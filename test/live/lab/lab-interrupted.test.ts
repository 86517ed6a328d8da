import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LAUNCHER } from '../../support/cli/cli.ts';
import {
  findInLab,
  findProcesses,
  listLabs,
  WAIT,
  waitUntilNothingIsLeft,
} from '../../support/servers/leftovers.ts';

const LIBRARY = new URL('../../../dist/index.js', import.meta.url).href;

/** Where the labs of a test's processes have their folders. */
let temporary: string;
let started: ChildProcess[];

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

/** The built command, whose labs are in the test's folder. */
function startLauncher(args: string[], options: { detached?: boolean } = {}): ChildProcess {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: temporary,
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
    ...options,
  });
  started.push(child);
  return child;
}

/** Stands in for initdb, and ends once there is a file `end` beside the data folder; no signal but SIGKILL ends it before. */
const STUBBORN = `#!/bin/sh
trap '' INT QUIT TERM
lab=$(dirname "$2")
touch "$lab/began"
until [ -e "$lab/end" ]; do sleep 0.1; done
`;

describe('Ctrl-C while a lab starts', () => {
  const RUN = ['run', 'steady', '--rate', '1', '--duration', '1s', '--target', 'lab'];

  it.each([
    ['run', RUN, 'initdb.log'],
    ['run', RUN, 'data/postgresql.conf'],
    ['run', RUN, 'postgres.log'],
    ['inspect', ['inspect', 'lab'], 'initdb.log'],
    ['lab', ['lab'], 'initdb.log'],
  ])('%s ends when nothing is left of it (%# at %s)', async (_, args, path) => {
    const child = startLauncher(args);
    const exited = once(child, 'exit');
    await vi.waitFor(async () => access(await findInLab(temporary, path)), WAIT);
    child.kill('SIGINT');
    const [code] = await exited;
    expect(await listLabs(temporary)).toEqual([]);
    expect(await findProcesses(`${temporary}/`)).toEqual([]);
    // Where the lab was up by then, `lab` ends as it should.
    if (args !== RUN) expect([0, 105]).toContain(code);
    else expect(code).toBe(105);
  });

  it.each([
    ['run', [...RUN, '--postgres-bin']],
    ['lab', ['lab', '--postgres-bin']],
  ])('a second one ends %s at once, and the rest goes by itself', async (_, args) => {
    const bin = await mkdtemp(join(temporary, 'bin-'));
    await chmod(bin, 0o755);
    const programs = {
      initdb: STUBBORN,
      postgres: '#!/bin/sh\necho "postgres (PostgreSQL) 18.0"\n',
    };
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(bin, name), text, { mode: 0o755 });
    }
    const child = startLauncher([...args, bin]);
    const exited = once(child, 'exit');
    await vi.waitFor(async () => access(await findInLab(temporary, 'began')), WAIT);
    await vi.waitUntil(
      () => {
        child.kill('SIGINT');
        return child.exitCode !== null || child.signalCode !== null;
      },
      { timeout: 20_000, interval: 200 },
    );
    await exited;
    expect(await listLabs(temporary)).toHaveLength(1);
    const files = await readdir(temporary, { recursive: true });
    expect(files.filter((file) => file.endsWith('.ndjson'))).toEqual([]);
    await writeFile(await findInLab(temporary, 'end'), '');
  });

  it('the library resolves when nothing is left of it', async () => {
    const source = `
      import { runScenario } from '${LIBRARY}';
      import { readdirSync } from 'node:fs';
      const stop = new AbortController();
      const observer = { note: () => setTimeout(() => stop.abort(), 300) };
      const scenario = { shows: 'x', load: { executor: 'constant-arrival-rate', rate: 1, duration: '1s' } };
      const error = await runScenario({ scenario, targets: ['lab'], out: false, stop: stop.signal, observer })
        .catch((error) => error);
      console.log(JSON.stringify({ code: error.code, left: readdirSync(process.env.TMPDIR) }));
    `;
    const args = ['--input-type=module', '-e', source];
    const env = { ...process.env, TMPDIR: temporary };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: temporary, env });
    expect(JSON.parse(stdout)).toEqual({ code: 'INTERRUPTED', left: [] });
    expect(await findProcesses(`${temporary}/`)).toEqual([]);
  });
});

it('Ctrl-C of a terminal while the server of calibrate starts ends calibrate as interrupted', async () => {
  const child = startLauncher(['calibrate', '--quick'], { detached: true });
  const { pid = 0 } = child;
  const exited = once(child, 'exit');
  const children = `/proc/${pid}/task/${pid}/children`;
  const server = await vi.waitUntil(async () => (await readFile(children, 'utf8')).trim(), {
    ...WAIT,
    interval: 1,
  });
  process.kill(-pid, 'SIGINT');
  const [code] = await exited;
  expect(code).toBe(105);
  expect(() => process.kill(Number(server), 0)).toThrow('ESRCH');
});
