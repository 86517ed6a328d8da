import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runInProcess } from '../support/cli-in-process.ts';
import { serveTest } from '../support/shared-server.ts';

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
  expect(quiet.stderr).toBe(WARNING);
});
