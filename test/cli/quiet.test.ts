import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { serveTest } from '../support/servers/shared-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-quiet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const herd = join(folder, 'herd.yaml');
writeFileSync(
  herd,
  'shows: x\nload: { executor: burst, clients: 5, maxInFlight: 2 }\nkillSwitch: false\n',
);

const WARNING =
  'load brings 5 clients at once with at most 2 in flight: 3 of them will be dropped; raise maxInFlight\n';

it('run --quiet tells warnings, and nothing of what is being done', async () => {
  const server = await serveTest({ auth: 'trust' });
  const args = ['run', herd, '--json', '--out', join(folder, 'r.ndjson'), '--overwrite'];
  const target = ['--target', server.url];
  const told = await runInProcess([...args, ...target]);
  expect(told.stderr).toContain(WARNING);
  expect(told.stderr).toMatch(/^at most 2 attempts in flight/m);
  const quiet = await runInProcess([...args, ...target, '--quiet']);
  // On a busy machine the run may be invalid, which is told as well.
  expect(quiet.stderr.replace(/^connstorm: the run is invalid: .*\n/m, '')).toBe(WARNING);
});

it('run --quiet says why the exit code is not 0', async () => {
  const server = await serveTest({ auth: 'trust' });
  const args = ['run', herd, '--quiet', '--out', join(folder, 'why.ndjson'), '--overwrite'];
  const flags = ['--budget', 'dropped count < 1', '--target', server.url];
  const { code, stdout, stderr } = await runInProcess([...args, ...flags]);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
  // On a busy machine the run may be invalid, and nothing is judged then.
  expect(stderr).toMatch(
    /^connstorm: dropped count < 1 (?:failed \(measured 3\)|was not judged \(.*)$/m,
  );
});

it('run --quiet says why a password file is ignored', async () => {
  const server = await serveTest({ auth: 'password' });
  const passfile = join(folder, 'passfile');
  writeFileSync(passfile, '*:*:*:*:hush\n');
  chmodSync(passfile, 0o644);
  const args = ['run', herd, '--quiet', '--out', join(folder, 'never.ndjson')];
  const target = `postgres://x@${new URL(server.url).host}/x`;
  const { code, stderr } = await runInProcess([...args, '--target', target], {
    env: { PGPASSFILE: passfile },
  });
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    `${passfile} has permissions for group or others (mode 0644), and is ignored`,
  );
});
