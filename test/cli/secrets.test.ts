import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { serveTest } from '../support/servers/shared-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLACES: [string, (secret: string) => string[]][] = [
  ['no command', (secret) => [secret]],
  ['the scenario of run', (secret) => ['run', secret]],
  ['run behind --', (secret) => ['run', '--', secret]],
  ['a second argument of run', (secret) => ['run', 'steady', secret]],
  ['report', (secret) => ['report', secret]],
  ['check', (secret) => ['check', secret]],
  ['compare', (secret) => ['compare', secret, secret]],
  ['validate', (secret) => ['validate', secret]],
  ['scenarios', (secret) => ['scenarios', secret]],
  ['help', (secret) => ['help', secret]],
  ['an argument of schema', (secret) => ['schema', secret]],
  ['an argument of calibrate', (secret) => ['calibrate', secret]],
  ['--set', (secret) => ['run', 'steady', '--set', `target=${secret}`]],
  ['--set without a path', (secret) => ['run', 'steady', '--set', secret]],
  ['--rate', (secret) => ['run', 'steady', '--rate', secret]],
  ['--rate=', (secret) => ['run', 'steady', `--rate=${secret}`]],
  ['--rate twice', (secret) => ['run', '--rate', secret, '--rate', secret]],
  ['--budget', (secret) => ['run', 'steady', '--budget', secret]],
  ['--reserve', (secret) => ['run', 'steady', '--reserve', secret]],
  ['--pin', (secret) => ['run', 'steady', '--pin', secret]],
  ['--driver', (secret) => ['run', 'steady', '--driver', secret]],
  ['--out', (secret) => ['run', 'steady', '--target', 'postgres://127.0.0.1:1/x', '--out', secret]],
  ['an unknown flag', (secret) => ['run', `--targt=${secret}`]],
  ['a flag that is a URL', (secret) => ['run', `--${secret}`]],
  ['a switch with a value', (secret) => ['run', 'steady', `--json=${secret}`]],
  ['--across', (secret) => ['compare', 'x', '--across', secret]],
  ['a budget of check', (secret) => ['check', 'x', '--budget', secret]],
  ["the lab's setting", (secret) => ['lab', '--setting', secret]],
  ["the lab's auth", (secret) => ['lab', '--auth', secret]],
  ["the lab's folder", (secret) => ['lab', '--postgres-bin', secret]],
  ['two targets', (secret) => ['inspect', secret, '--target', `${secret}x`]],
];

const SECRETS = [
  'postgres://u:hush@h.invalid/db',
  'postgres://u:hu/sh@hush@h.invalid/db',
  "host=h.invalid passsword=x password='hu hush'",
  'host=h.invalid password=x hush',
  'jdbc:postgresql://h.invalid/db?user=u&password=hush',
];

describe.each(PLACES)('%s', (_, place) => {
  it.each(SECRETS)('tells no password of %s', async (secret) => {
    const { code, stdout, stderr } = await runInProcess(place(secret));
    expect(stderr).not.toBe('');
    expect(stdout + stderr).not.toContain('hush');
    expect(code).not.toBe(1);
    expect(code).not.toBe(0);
  });
});

/** Wherever a line breaks, a `hush` of it stays whole. */
const LONG = 'hush'.repeat(30);

describe.each(PLACES)('%s, in narrow lines', (_, place) => {
  it.each([
    `postgres://u:${LONG}@h.invalid/db`,
    `host=h.invalid password=x ${LONG}`,
    `jdbc:postgresql://h.invalid/db?user=u&password=${LONG}`,
  ])('tells no part of the password of %s', async (secret) => {
    const { stdout, stderr } = await runInProcess(place(secret), { env: { COLUMNS: '24' } });
    expect(stderr).not.toBe('');
    expect(stdout + stderr).not.toContain('hush');
  });
});

it('tells no part of a password in the label of a dry run, in narrow lines', async () => {
  const args = ['run', 'steady', '--dry-run', '--label', `postgres://u:${LONG}@h/x`];
  const { stdout } = await runInProcess(args, { columns: 24 });
  expect(stdout).toContain('label:');
  expect(stdout).not.toContain('hush');
});

it('a password in a variable is not told', async () => {
  const env = { CONNSTORM_RATE: 'postgres://u:hush@h/db', CONNSTORM_DRIVER: 'password=x hush' };
  const { code, stderr } = await runInProcess(['run', 'steady'], { env });
  expect(code).toBe(104);
  expect(stderr).toContain('***');
  expect(stderr).not.toContain('hush');
});

it('a password that the server itself tells is neither in the report, JSON, nor the result', async () => {
  const message = 'cannot reach "host=shard password=hush dbname=x" of postgres://u:hush@shard/x';
  const refusal = { code: '08001', message };
  for (const flags of [[], ['--json']]) {
    // A server each: it counts its connects, and the first login must not be the one that it refuses.
    const server = await serveTest({ auth: 'trust', refuseEvery: 5, refusal });
    const out = join(folder, `told${flags.length}.ndjson`);
    const { stdout, stderr } = await runInProcess([
      ...['run', 'steady', '--rate', '40', '--duration', '500ms', '--out', out],
      ...['--target', server.url, ...flags],
    ]);
    const result = readFileSync(out, 'utf8');
    expect(stdout + result).toContain('host=shard password=***');
    for (const text of [stdout, stderr, result]) expect(text).not.toContain('hush');
    for (const line of result.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
    if (flags.length > 0) expect(JSON.parse(stdout)).toMatchObject({ type: 'summary' });
  }
});
