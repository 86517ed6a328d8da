import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectPlain } from '../support/cli/cli-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-cli-lab-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const out = (name: string) => ['--out', join(folder, name)];
const STEADY = ['run', 'steady', '--rate', '20', '--duration', '400ms'];
const BUDGET = ['--budget', 'failed rate < 1%'];

/** A scenario of one role. */
function writeScenario(target: string): string {
  const path = join(folder, `${target}.yaml`);
  const load = 'load: { executor: constant-arrival-rate, rate: 20, duration: 400ms }';
  writeFileSync(path, `shows: a role\n${load}\ntarget: ${target}\n`);
  return path;
}

describe('the lab is not taken in the place of a server', () => {
  it.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'in CI',
      STEADY,
      { CI: 'true', PGPORT: '5433' },
      /PGPORT is set\. Because CI is set, .*--target/,
    ],
    [
      'under a budget',
      [...STEADY, ...BUDGET],
      { PGUSER: 'u' },
      /PGUSER is set\. Because there are budg/,
    ],
    ['by an empty CONNSTORM_TARGET', STEADY, { CONNSTORM_TARGET: '' }, /CONNSTORM_TARGET is empty/],
    [
      'by an empty PGHOST in CI',
      STEADY,
      { CI: '1', PGHOST: '' },
      /PGHOST is empty\. Because CI is set/,
    ],
    ['by a service that is not there', STEADY, { PGSERVICE: 'x' }, /PGSERVICE: no service "x"/],
    [
      'to be inspected in CI',
      ['inspect'],
      { CI: '1', PGDATABASE: 'd' },
      /PGDATABASE is set\. Because CI/,
    ],
    ['to be inspected by an empty variable', ['inspect'], { CONNSTORM_TARGET: '' }, /is empty/],
    [
      'beside a server',
      [...STEADY, '--target', 'lab', '--target', 'pooled=host=h'],
      {},
      /the lab and another/,
    ],
    [
      'for a role it has not',
      [...STEADY, '--target', 'other=lab'],
      {},
      /the lab has only direct and pooled/,
    ],
    [
      'for a role that is not used',
      [...STEADY, '--target', 'direct=lab', '--target', 'pooled=lab'],
      {},
      /--target pooled=\.\.\. is not used by this scenario/,
    ],
    [
      'for a role twice',
      [...STEADY, '--target', 'lab', '--target', 'lab'],
      {},
      /the role direct twice/,
    ],
    [
      'for a role of the scenario',
      ['run', writeScenario('staging')],
      {},
      /wants the target staging, and the lab has direct, pooled/,
    ],
    [
      'for a role that is not named',
      ['run', writeScenario('pooled'), '--target', 'direct=lab'],
      {},
      /wants the target pooled, and the lab has only direct/,
    ],
  ])('%s', async (_, args, env, message) => {
    const home = { HOME: '/nonexistent', PGSYSCONFDIR: '/nonexistent' };
    const where = args[0] === 'run' ? out(`refused-${args.length}`) : [];
    const { code, stdout, stderr } = await runInProcess([...args, ...where], {
      env: { ...home, ...env },
    });
    expect(stderr).toMatch(message);
    expectPlain(stderr);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
  });
});

it('npm start names the lab', () => {
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { scripts: { start: string } };
  expect(scripts.start).toMatch(/ run .*--target lab$/);
});
