import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { findPgBouncer, requirePgBouncer } from '../../../src/lab/pgbouncer/find-pgbouncer.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [plain, first, second] = ['plain', 'first', 'second'].map((name) => join(folder, name));
for (const [path, mode] of [
  [plain, 0o644],
  [first, 0o755],
  [second, 0o755],
] as const) {
  mkdirSync(String(path));
  writeFileSync(join(String(path), 'pgbouncer'), '');
  chmodSync(join(String(path), 'pgbouncer'), mode);
}

it('PgBouncer is the first program of its name', () => {
  const folders = [join(folder, 'none'), plain, first, second].map(String);
  expect(findPgBouncer(folders)).toBe(join(String(first), 'pgbouncer'));
  expect(requirePgBouncer(folders)).toBe(join(String(first), 'pgbouncer'));
});

it('where it is missing one line says how to get it, and how to do without', () => {
  const missing = () => requirePgBouncer([String(plain)]);
  expect(missing).toThrow(UsageError);
  expect(missing).toThrow(
    /^the lab needs a PgBouncer.* \(apt-get install pgbouncer, brew install pgbouncer\), .* --target direct=URL --target pooled=URL$/,
  );
});
