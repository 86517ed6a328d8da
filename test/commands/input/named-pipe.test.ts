import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isNamedPipe, readNamedPipe } from '../../../src/commands/input/named-pipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-pipe-'));
afterAll(() => rmSync(folder, { recursive: true }));

function makePipe(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  it('is told from files and from what is not there', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const paths = [makePipe('told'), file, folder, join(folder, 'missing')];
    expect(paths.map(isNamedPipe)).toEqual([true, false, false, false]);
  });

  it('is waited for until somebody writes, and read to its end', async () => {
    const path = makePipe('read');
    let writing: Promise<void> | undefined;
    const text = 'x'.repeat(200_000);
    const waiting = (): void => {
      writing = writeFile(path, text);
    };
    const bytes = await readNamedPipe(path, { mostBytes: 1e6, waiting });
    await writing;
    expect(bytes.toString()).toBe(text);
  });

  it('has a bound', async () => {
    const path = makePipe('bound');
    let writing: Promise<unknown> | undefined;
    const waiting = (): void => {
      // The reader goes away.
      writing = writeFile(path, 'x'.repeat(200_000)).catch(() => {});
    };
    await expect(readNamedPipe(path, { mostBytes: 10, waiting })).rejects.toThrow('too large');
    await writing;
  });
});
