import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStale } from './fresh-build.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'connstorm-build-'));
  write('tsconfig.json', 1);
  write('src/a.ts', 1);
  write('src/b/c.ts', 2);
  write('dist/a.js', 3);
  write('dist/b/c.js', 3);
  write('dist/b/c.d.ts', 1);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, atSeconds: number): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  utimesSync(path, atSeconds, atSeconds);
}

describe('a build is out of date', () => {
  it('not when every file of it is newer than its source', () => {
    expect(isStale(root)).toBe(false);
  });

  it.each<[string, () => void]>([
    ['when a source is newer than its own file', () => write('src/b/c.ts', 4)],
    ['when a source has no file', () => write('src/d.ts', 1)],
    ['when a file has no source any more', () => rmSync(join(root, 'src/a.ts'))],
    ['when the compiler is set otherwise since', () => write('tsconfig.json', 4)],
    ['when there is none', () => rmSync(join(root, 'dist'), { recursive: true })],
  ])('%s', (_, change) => {
    change();
    expect(isStale(root)).toBe(true);
  });
});
