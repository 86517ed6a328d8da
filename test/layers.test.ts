import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALLOWED, FOUNDATION } from './support/reference/layer-table.js';
import {
  findCircles,
  findViolation,
  isWithin,
  layerOf,
  listImports,
  stripComments,
  stripEnding,
} from './support/reference/layers.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'));
const read = (file: string): string => readFileSync(join(SRC, file), 'utf8');
const edges = files.flatMap((file) => listImports(file, read(file)));

describe('the layers', () => {
  it('are imported downwards only', () => {
    expect(edges.length).toBeGreaterThan(files.length);
    expect(edges.map(findViolation).filter((violation) => violation !== undefined)).toEqual([]);
  });

  it('have no circles, types included', () => {
    expect(findCircles(edges)).toEqual([]);
  });

  it('have no permission that nobody uses', () => {
    const used = edges.map(
      ({ from, to }) => [layerOf(stripEnding(from)), stripEnding(to)] as const,
    );
    const unused = Object.entries(ALLOWED).flatMap(([layer, names]) =>
      names
        .filter((name) => !used.some(([from, to]) => from === layer && isWithin(to, name)))
        .map((name) => `${layer} -> ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('cover every file', () => {
    const known = [...Object.keys(ALLOWED), ...FOUNDATION];
    const modules = files.map((file) => file.replace(/\.ts$/, ''));
    expect(modules.filter((module) => !known.includes(layerOf(module)))).toEqual([]);
  });

  it.each(Object.keys(ALLOWED))('know no way back up to %s', (layer) => {
    const reached = new Set<string>();
    const visit = (from: string) => {
      for (const below of (ALLOWED[from] ?? []).map(layerOf)) {
        if (reached.has(below)) continue;
        reached.add(below);
        visit(below);
      }
    };
    visit(layer);
    expect(reached).not.toContain(layer);
  });
});

describe('src', () => {
  it('names no file of its build: a build that is out of date would run unseen', () => {
    const naming = files.filter((file) => /(['"`/])dist\//.test(stripComments(read(file))));
    expect(naming).toEqual([]);
  });

  it('names the entries of its threads and processes beside itself', () => {
    const entries = files.flatMap((file) =>
      [...stripComments(read(file)).matchAll(/new URL\('([^']+)\.js', import\.meta\.url\)/g)].map(
        ([, entry]) => join(file, '..', `${entry}.ts`),
      ),
    );
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter((entry) => !files.includes(entry))).toEqual([]);
    const called = files.filter((file) => /\.(thread|main)\.ts$/.test(file));
    expect(entries.sort()).toEqual(called.sort());
  });
});

describe('the folders', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folders = ['src', 'test', 'scenarios'].flatMap((top) => [
    top,
    ...readdirSync(join(root, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)),
  ]);

  it('hold at most 16 files each', () => {
    const wide = folders.filter((folder) => {
      const entries = readdirSync(resolve(root, folder), { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length > 16;
    });
    expect(wide).toEqual([]);
  });
});

describe('the check of the layers', () => {
  it.each([
    ['analysis/summary.ts', "import { open } from '../drivers/wire/wire.ts';"],
    ['analysis/summary.ts', "import type { Driver } from '../drivers/driver.ts';"],
    ['analysis/summary.ts', "import { Recorder } from '../metrics/recorder.ts';"],
    ['analysis/summary.ts', "import { Socket } from 'node:net';"],
    ['report/live/live.ts', "import {\n  runScenario,\n  type RunRequest,\n} from '../../run.ts';"],
    ['report/live/live.ts', "import pg from 'pg';"],
    ['report/live/live.ts', "import hdr from 'hdr-histogram-js';"],
    ['model/histogram.ts', "import { shiftRecord } from '../result/shift.ts';"],
    ['scenario/plan/plan.ts', "import '../../load/threads/worker.thread.ts';"],
    ['errors.ts', "export { isStreamed } from './result/records/records.ts';"],
    ['drivers/wire/wire.ts', "const late = await import('../../load/threads/worker.thread.ts');"],
    ['load/threads/worker.thread.ts', "export * from '../../run.ts';"],
    ['run.ts', "import { print } from './report/terminal.ts';"],
    ['commands/run.ts', "import { main } from '../cli.ts';"],
    ['targets/naming/resolve.ts', "import { isStreamed } from '../../result/records/records.ts';"],
    ['made-up.ts', "import { main } from './cli.ts';"],
  ])('catches in %s: %s', (file, source) => {
    expect(listImports(file, source).map(findViolation)).toEqual([
      expect.stringContaining(`${file} must not import`),
    ]);
  });

  it.each([
    [
      'targets/naming/resolve.ts',
      "import type { WatchRecord } from '../../result/records/samples.ts';",
    ],
    [
      'scenario/plan/plan.ts',
      "import type { SampleRecord, WatchRecord } from '../../result/records/samples.ts';",
    ],
    ['analysis/summary.ts', "import { decode } from '../model/histogram.ts';"],
    ['model/histogram.ts', "import * as hdr from 'hdr-histogram-js';"],
    ['load/threads/worker.thread.ts', "import { WireDriver } from '../../drivers/wire/wire.ts';"],
    ['cli.ts', "const load = () => import('./commands/run.ts');"],
    ['run.ts', "import { SSL_MODES } from './scenario/schema/sslmode.ts';"],
  ])('allows in %s: %s', (file, source) => {
    expect(listImports(file, source).map(findViolation)).toEqual([undefined]);
  });

  it('finds a circle that only types close', () => {
    const circle = [
      ...listImports('run.ts', "import { a } from './errors.ts';"),
      ...listImports('errors.ts', "import type { B } from './run.ts';"),
    ];
    expect(findCircles(circle)).toEqual([['run.ts', 'errors.ts']]);
  });

  it('reads no imports from comments', () => {
    expect(listImports('run.ts', "/**\n * import('./cli.ts')\n */\n// import './cli.ts';")).toEqual(
      [],
    );
  });
});
