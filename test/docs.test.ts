import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/command-list.ts';
import { parseCommand, runCommandLine } from '../src/cli.ts';
import { ENVIRONMENT } from '../src/commands/output/environment.ts';
import * as errors from '../src/errors.ts';
import { loadScenario } from '../src/scenario/file/load-data.ts';
import { FIGURE_NAMES } from '../src/scenario/named-figure.ts';
import { buildJsonSchema } from '../src/scenario/schema/json-schema.ts';
import { captureIo } from './commands/captured-io.ts';
import { runInProcess } from './support/cli/cli-in-process.ts';
import { readHelp } from './support/reference/built-sources.js';
import { listCommandLines, readPages, splitWords } from './support/reference/doc-pages.ts';
import { renderPages, updatePage } from './support/reference/pages.js';

const pages = readPages();
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

describe('the docs', () => {
  it('have a README of at most 200 lines', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(201);
  });

  it('have current generated parts: else `npm run reference`', async () => {
    const parts = renderPages({
      scenario: buildJsonSchema() as never,
      errors,
      environment: ENVIRONMENT,
      commands: await readHelp(Object.keys(COMMANDS), runCommandLine),
    });
    for (const [path, part] of Object.entries(parts)) {
      expect(updatePage(textOf(path), part)).toBe(textOf(path));
    }
  });
});

describe('the links', () => {
  const links = pages.flatMap(({ path, links }) => links.map((link) => [path, link] as const));

  it.each(links)('of %s lead somewhere: %s', (path, link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(resolve(import.meta.dirname, '..', target))).toBe(true);
    if (anchor === undefined || !target.endsWith('.md')) return;
    expect(pages.find((page) => page.path === target)?.anchors).toContain(anchor);
  });
});

it('the table of budgets has every named figure', () => {
  const [, section = ''] = textOf('docs/reference/scenario.md').split('\n## budgets\n');
  const [own = ''] = section.split('\n## ');
  const rows = own.split('\n').filter((line) => line.startsWith('| `'));
  const isThere = (name: string): boolean => {
    const [metric, aggregation] = name.split(' ');
    return rows.some((row) => {
      const [, first = '', second = ''] = row.split('|');
      return first.includes(`\`${metric}\``) && second.includes(`\`${aggregation}\``);
    });
  };
  expect(FIGURE_NAMES.filter((name) => !isThere(name))).toEqual([]);
});

it('the code that each decision names is there', () => {
  const decisions = pages.filter(({ path }) => /^docs\/decisions\/\w+\//.test(path));
  const named = decisions.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|scenarios|bin)\/[\w./-]+)`/g)].map(([, file = '']) => [
      path,
      file,
    ]),
  );
  expect(named.length).toBeGreaterThan(decisions.length);
  const root = resolve(import.meta.dirname, '..');
  expect(named.filter(([, file = '']) => !existsSync(resolve(root, file)))).toEqual([]);
});

describe('the scenarios in the docs', () => {
  const scenarios = pages.flatMap(({ path, scenarios }) =>
    scenarios.map(({ name, text }) => [name, path, text] as const),
  );

  it('are there', () => expect(scenarios.length).toBeGreaterThan(2));

  it.each(scenarios)('are right: %s of %s', async (_name, _path, text) => {
    const { parse } = await import('yaml');
    expect(() => loadScenario(parse(text), 'a scenario of the docs')).not.toThrow();
  });
});

describe('the command lines in the docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-docs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const { name, text } of pages.flatMap(({ scenarios }) => scenarios)) {
    if (name.endsWith('.yaml')) writeFileSync(join(folder, name), text);
  }
  const lines = pages.flatMap(({ path, text }) =>
    listCommandLines(text).map((line) => [line, path] as const),
  );
  const runs = lines.filter(([line]) => splitWords(line)[0] === 'run');
  const others = lines.filter(([line]) => splitWords(line)[0] !== 'run');

  it('are there', () => {
    expect(runs.length).toBeGreaterThan(10);
    expect(others.length).toBeGreaterThan(10);
  });

  /** As somebody would type it in a folder that has the scenarios of the docs. */
  const inFolder = (words: readonly string[]) =>
    words.map((word) => (existsSync(join(folder, word)) ? join(folder, word) : word));

  it.each(runs)('can be run: %s (%s)', async (line) => {
    const words = inFolder(splitWords(line));
    const { code, stderr } = await runInProcess([...words, '--dry-run']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.not.stringMatching(/refuse|error/),
    });
  });

  it.each(others)('are understood: %s (%s)', async (line) => {
    const { io } = captureIo();
    const [name = '', ...words] = splitWords(line);
    if (name === 'help' || name.startsWith('-')) return;
    await expect(parseCommand(name, inFolder(words), io)).resolves.toBeDefined();
  });
});
