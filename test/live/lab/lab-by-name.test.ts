import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runInProcess } from '../../support/cli/cli-in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-lab-name-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEADY = ['run', 'steady', '--rate', '20', '--duration', '400ms', '--json'];
const CI = { CI: 'true', PGPORT: '1', PGUSER: 'nobody' };

it.each<[string, string[], Record<string, string>, RegExp]>([
  [
    '--target lab, in CI',
    ['--target', 'lab', '--budget', 'failed rate < 1%'],
    CI,
    /^the lab: starting a Postgres/m,
  ],
  [
    'CONNSTORM_TARGET=lab',
    [],
    { ...CI, CONNSTORM_TARGET: 'lab' },
    /^the lab: starting a Postgres/m,
  ],
  ['a role', ['--target', 'direct=lab'], {}, /^the lab: starting a Postgres/m],
  [
    'nothing, with a note of what is set',
    [],
    { PGUSER: 'u' },
    /^no target is named, though PGUSER is set: [\s\S]*\nno target given: starting/m,
  ],
])('a storm of the lab by %s', async (name, args, env, said) => {
  const out = join(folder, `${name.replace(/\W/g, '-')}.ndjson`);
  const line = [...STEADY, ...args, '--out', out];
  const { code, stdout, stderr } = await runInProcess(line, { env });
  expect(stderr).toMatch(said);
  expect(JSON.parse(stdout).accounting.ok).toBe(8);
  // Whether a busy machine has CPU for us is not what is tested.
  expect([0, 111]).toContain(code);
});

it('a storm of the lab in the place of a server is told of under --quiet too', async () => {
  const args = ['--quiet', '--out', join(folder, 'quiet.ndjson')];
  const { stderr } = await runInProcess([...STEADY, ...args], { env: { PGHOST: '' } });
  expect(stderr).toMatch(/^no target is named, though PGHOST is empty: name it with --target/);
});

it('an inspection of the lab by its name', async () => {
  const { code, stdout, stderr } = await runInProcess(['inspect', 'lab', '--json'], { env: CI });
  expect(stderr).toContain('the lab: starting a Postgres to inspect');
  expect(JSON.parse(stdout)).toMatchObject({ lab: true, local: true });
  expect(code).toBe(0);
});
