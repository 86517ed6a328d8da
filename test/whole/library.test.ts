import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KnownServer, startKnownServer } from '../support/servers/known-server.ts';

/** The library as a program gets it: built, by the package's exports. */

type Library = typeof import('../../src/index.ts');

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'connstorm-library-'));
let library: Library;
let server: KnownServer;
const rejections: unknown[] = [];
const keep = (error: unknown): void => void rejections.push(error);

beforeAll(async () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: { '.': { default: string } };
  };
  library = (await import(pathToFileURL(join(home, exports['.'].default)).href)) as Library;
  server = await startKnownServer({});
  process.on('unhandledRejection', keep);
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(home);
  process.off('unhandledRejection', keep);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  rejections.length = 0;
});
afterEach(() => expect(rejections).toEqual([]));

const SCENARIO = {
  shows: 'a test',
  load: { executor: 'constant-arrival-rate', rate: 20, duration: '500ms' },
  killSwitch: false,
};

/** What is not given has its default; the environment alone is none of a test's. */
function run(over: Parameters<Library['runScenario']>[0] = {}) {
  const targets = [`postgres://storm:secret@127.0.0.1:${server.port}/storm`];
  return library.runScenario({ scenario: SCENARIO, targets, out: false, env: {}, ...over });
}

function holdItself(): object {
  const scenario: Record<string, unknown> = { shows: 'a' };
  scenario.load = scenario;
  return scenario;
}

describe('runScenario', () => {
  it('takes a scenario as data, has a default for all else, and writes no file where none is wanted', async () => {
    const { summary, header, resultPath, reasons, problem } = await run();
    expect(summary.accounting).toMatchObject({ due: 10, ok: 10, failed: 0 });
    expect({ scenario: header.scenario, resultPath, problem }).toEqual({
      scenario: 'scenario',
      resultPath: null,
      problem: undefined,
    });
    expect(reasons.filter((reason) => reason !== 'invalid')).toEqual([]);
    expect(existsSync('results')).toBe(false);
  });

  it('takes one by its path, and writes a file that can be read again', async () => {
    writeFileSync('mine.json', JSON.stringify(SCENARIO));
    const { resultPath, summary } = await run({ scenario: 'mine.json', out: 'mine.ndjson' });
    expect(resultPath).toBe('mine.ndjson');
    let fold: ReturnType<Library['createSummary']> | undefined;
    const { complete } = library.readResult('mine.ndjson', (record) => {
      if (record.type === 'header') fold = library.createSummary(record);
      else fold?.add(record);
    });
    expect(complete).toBe(true);
    expect(fold?.finish().accounting).toEqual(summary.accounting);
  });

  it.each<[unknown, string, RegExp]>([
    [undefined, 'SCENARIO_MISSING', /^a run needs a scenario/],
    [
      { ...SCENARIO, load: { ...SCENARIO.load, rate: -1 } },
      'SCENARIO_INVALID',
      /load\.rate must be above 0, got -1/,
    ],
    [{ ...SCENARIO, lod: 1 }, 'SCENARIO_INVALID', /unknown field `lod`; did you mean `load`\?/],
    [JSON.parse('{"shows":"a","__proto__":{"x":1}}'), 'SCENARIO_INVALID', /`__proto__` cannot be/],
    [{ ...SCENARIO, seed: 1n }, 'SCENARIO_INVALID', /^the scenario is not plain data: /],
    [holdItself(), 'SCENARIO_INVALID', /^the scenario is not plain data: .*circular/],
    ['no-such', 'SCENARIO_NOT_FOUND', /^no scenario `no-such`/],
  ])('refuses %#', async (scenario, code, message) => {
    const running = run({ scenario: scenario as object });
    await expect(running).rejects.toBeInstanceOf(library.UsageError);
    await expect(running).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('asks nobody: another machine is not stormed without consent', async () => {
    await expect(run({ targets: ['postgres://storm@192.0.2.1/storm'] })).rejects.toMatchObject({
      exit: 'usage',
    });
  });

  it('ends as interrupted by cancel alone, with accounts that close', async () => {
    const cancel = new AbortController();
    const { summary, reasons } = await run({
      scenario: {
        ...SCENARIO,
        load: { ...SCENARIO.load, duration: '60s' },
        connection: { hold: '30s' },
      },
      cancel: cancel.signal,
      observer: { interval: () => cancel.abort() },
    });
    expect(summary.stoppedBy).toBe('signal');
    expect(reasons).toContain('interrupted');
    expect(summary.exitCode).toBe(105);
    const { due, dropped, begun, inFlight } = summary.accounting;
    expect({ due, inFlight }).toEqual({ due: dropped + begun, inFlight: 0 });
    expect(summary.connections.open).toBe(0);
    expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  });

  it.each(['stop', 'cancel'])('is interrupted before it began by %s', async (name) => {
    await expect(run({ [name]: AbortSignal.abort() })).rejects.toMatchObject({
      exit: 'interrupted',
    });
  });

  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['rejects', () => Promise.reject(new Error('oops')) as never],
  ])('keeps what was measured where an observer %s', async (_, fail) => {
    const observer = {
      note: fail,
      started: fail,
      legStarted: fail,
      interval: fail,
      stepOpened: fail,
      event: fail,
      ended: fail,
    };
    const { summary, problem, reasons } = await run({ observer, out: `${_}.ndjson` });
    expect(summary.accounting).toMatchObject({ due: 10, ok: 10 });
    expect(problem).toMatchObject({
      code: 'OBSERVER_FAILED',
      message: expect.stringMatching(
        /^the observer's \w+ failed: oops; the run ignored this and went on/,
      ),
    });
    expect(reasons).toContain('internal');
    expect(library.readResult(`${_}.ndjson`, () => {}).complete).toBe(true);
  });
});

describe('options that a program gets wrong', () => {
  it.each<[string, object, RegExp]>([
    [
      'a misspelt one',
      { target: ['postgres://u@127.0.0.1:1/x'] },
      /unknown option `target`; known: .*targets/,
    ],
    [
      'targets that are no list',
      { targets: 'postgres://u@127.0.0.1:1/x' },
      /targets must be a list/,
    ],
    ['targets that are no texts', { targets: [5] }, /targets must be a list/],
    ['a stop that is no signal', { stop: 5 }, /stop must be an AbortSignal/],
    ['an observer that is none', { observer: 5 }, /observer must be an object/],
  ])('%s are refused with a code', async (_, options, message) => {
    const running = library.runScenario({ scenario: 'steady', out: false, ...options });
    const error: unknown = await running.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'BAD_OPTIONS' });
    expect(String(error)).toMatch(message);
  });
});
