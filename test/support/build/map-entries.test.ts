import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mapEntries } from './map-entries.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DIST = new URL('../../../dist/', import.meta.url).href;

describe('mapEntries', () => {
  it.each([
    ['src/load/x.ts', './threads/worker.thread.js', 'load/threads/worker.thread.js'],
    ['src/x.ts', './instant-server.main.js', 'instant-server.main.js'],
  ])('takes in %s the entry %s from the build', (file, entry, built) => {
    const source = `const FILE = new URL('${entry}', import.meta.url);`;
    expect(mapEntries(source, `${ROOT}${file}`)).toBe(`const FILE = new URL('${DIST}${built}');`);
  });

  it.each([
    ['src/x.ts', "new URL('./schema.json', import.meta.url)"],
    ['test/x.ts', "new URL('./worker.thread.js', import.meta.url)"],
  ])('leaves alone in %s: %s', (file, source) => {
    expect(mapEntries(source, `${ROOT}${file}`)).toBe(source);
  });

  it('finds every entry built', () => {
    const entries = [
      'load/threads/worker.thread',
      'probes/server/probe.thread',
      'lab/instant/instant-server.main',
    ];
    const missing = entries.filter((entry) => !existsSync(`${ROOT}dist/${entry}.js`));
    expect(missing).toEqual([]);
  });
});
