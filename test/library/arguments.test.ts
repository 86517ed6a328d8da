import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { makeHeader } from '../support/synthetic/synthetic-run.ts';

/** As a program without types calls it. */
const untyped = library as unknown as Record<string, (...of: unknown[]) => unknown>;

async function call(name: string, ...of: unknown[]): Promise<unknown> {
  return untyped[name]?.(...of);
}

const STEADY = library.readScenario('steady');
const OUT = { scenario: 'steady', out: false };

describe('an argument of another kind is refused with what was expected', () => {
  it.each<[string, unknown[], RegExp]>([
    [
      'readResult',
      ['a.ndjson'],
      /second argument of readResult must be a function that takes each record, got undefined$/,
    ],
    [
      'readResult',
      [5, () => {}],
      /first argument of readResult must be the path of a result file, got 5$/,
    ],
    ['readResult', [], /first argument of readResult must be the path/],
    [
      'readScenario',
      [5],
      /first argument of readScenario must be a built-in scenario's name or a file's path, got 5$/,
    ],
    [
      'readScenario',
      ['steady', 'x=1'],
      /second argument of readScenario must be a list of overrides, as in .*, got a text$/,
    ],
    [
      'readScenario',
      ['steady', [5]],
      /must be a list of overrides, as in .*, got a list that holds 5$/,
    ],
    ['readScenario', ['steady', [{ path: 'x' }]], /, got a list that holds an object$/],
    [
      'runScenario',
      [{ ...OUT, targets: ['x', 5, null, []] }],
      /^targets must be a list of connection strings, got a list that holds a text, 5, null, a list$/,
    ],
    ['runScenario', [{ ...OUT, env: [] }], /^env must be an object, got an empty list$/],
    ['runScenario', [{ ...OUT, stop: {} }], /^stop must be an AbortSignal, got an empty object$/],
    ['runScenario', [{ ...OUT, stop: new Map() }], /^stop must be an AbortSignal, got a Map$/],
    ['readResult', [{ name: 'x' }, () => {}], /first argument of readResult must be the path/],
    [
      'createSummary',
      [{ type: 'header' }],
      /must be the header of a result, .*, got an object with type: a text$/,
    ],
    [
      'createSummary',
      [{ type: 'header', version: 1, plan: {}, connstorm: '1' }],
      /^the header of a summary (?:must be as in a result file|makes no sense where it stands)/,
    ],
    [
      'createSummary',
      [{ type: 'header', version: 1, plan: {} }, 5],
      /second argument of createSummary must be a text that is not empty, got 5$/,
    ],
    [
      'runScenario',
      [{ ...OUT, observer: { foo() {} } }],
      /^observer must be an object of methods, each one of note, started, .*, got an object with foo: a function$/,
    ],
    ['runScenario', [{ ...OUT, observer: { interval: 5 } }], /^observer must be an object of/],
    [
      'runScenario',
      [{ ...OUT, observer: { note() {}, intervall() {} } }],
      /^observer must be an object of methods/,
    ],
    ['runScenario', [{ ...OUT, observer: { note: 5 } }], /, got an object with note: 5$/],
    [
      'runScenario',
      [{ loaded: {}, out: false }],
      /^loaded must be what readScenario or .*, got an empty object$/,
    ],
    ...[
      { variants: [{}] },
      { variants: [{ name: undefined, scenario: {} }] },
      { variants: structuredClone(STEADY.variants) },
      { repeat: 0 },
      { repeat: 'x' },
      { warmUpUs: null },
      { budgets: 5 },
      { budgets: [5] },
      { name: undefined },
      { compare: undefined },
    ].map((over): [string, unknown[], RegExp] => [
      'runScenario',
      [{ loaded: { ...STEADY, ...over }, out: false, env: {} }],
      /^loaded must be what readScenario or loadScenario returned, with its variants unchanged/,
    ]),
    ['runScenario', [{ ...OUT, pins: { generator: 0 } }], /^pins must be an object with CPUs/],
    ['runScenario', [{ ...OUT, pins: { sever: '0' } }], /^pins must be an object with CPUs/],
    ['runScenario', [{ ...OUT, out: 5 }], /^out must be a text .*, or false, got 5$/],
    ['startLab', [5], /^startLab takes an object of options, got 5$/],
    ['loadScenario', ['steady'], /first argument of loadScenario must be an object, got a text$/],
    [
      'loadScenario',
      [{}, 5],
      /second argument of loadScenario must be a text that is not empty, got 5$/,
    ],
    [
      'createSummary',
      [],
      /first argument of createSummary must be the header of a result, .*, got undefined$/,
    ],
    ['startLab', ['x'], /^startLab takes an object of options, got a text$/],
    ['startLab', [{ setting: {} }], /^unknown option `setting`; known: settings, postgresBin/],
    [
      'startLab',
      [{ auth: 'none' }],
      /^auth must be one of scram-sha-256, md5, password, trust, got a text$/,
    ],
    ['startLab', [{ forkCostMs: -1 }], /^forkCostMs must be a number from 0, got -1$/],
    ['runScenario', [], /^runScenario takes an object of options, got undefined$/],
    ['runScenario', ['steady'], /^runScenario takes an object of options, got a text$/],
    [
      'runScenario',
      [{ scenario: 5 }],
      /^scenario must be the name of a built-in one, a path, or its data, got 5$/,
    ],
    ['runScenario', [{ scenario: null }], /^scenario must be .*, got null$/],
    [
      'runScenario',
      [{ ...OUT, targets: [] }],
      /^targets is an empty list: name a server, say targets: \['lab'\] for the lab, or leave it out/,
    ],
    [
      'runScenario',
      [{ ...OUT, targets: 'x' }],
      /^targets must be a list of connection strings, got a text$/,
    ],
    ['runScenario', [{ ...OUT, yes: 'no' }], /^yes must be true or false, got a text$/],
    ['runScenario', [{ ...OUT, trustScenario: 1 }], /^trustScenario must be true or false, got 1$/],
    ['runScenario', [{ ...OUT, reserve: -1 }], /^reserve must be a whole number from 0, got -1$/],
    [
      'runScenario',
      [{ ...OUT, out: true }],
      /^out must be a text that is not empty, or false, got true$/,
    ],
    ['runScenario', [{ ...OUT, out: '' }], /^out must be .*, got an empty text$/],
    ['runScenario', [{ ...OUT, env: 5 }], /^env must be an object, got 5$/],
    ['runScenario', [{ ...OUT, stderr: 5 }], /^stderr must be a writable stream, got 5$/],
  ])('%s(%j)', async (name, of, message) => {
    const error: unknown = await call(name, ...of).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(library.UsageError);
    expect(error).toMatchObject({ code: 'BAD_OPTIONS', message: expect.stringMatching(message) });
  });

  it('and never quoted: it may be a connection string', async () => {
    const running = call('runScenario', { ...OUT, targets: 'postgres://u:hidden@h/d' });
    await expect(running).rejects.toMatchObject({ message: expect.not.stringContaining('hidden') });
  });
});

describe('consent and trust', () => {
  it('are told of with the option that gives them', async () => {
    const far = { ...OUT, targets: ['postgres://u@192.0.2.1/x'], env: {} };
    await expect(call('runScenario', far)).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      message: expect.stringContaining('this needs `yes: true`'),
    });
    const scenario = {
      shows: 'a test',
      load: { executor: 'constant-arrival-rate', rate: 1, duration: '1s' },
      lab: { postgres: { settings: { archive_command: 'x' } } },
    };
    const untrusted = { scenario, targets: ['lab'], out: false, env: {} };
    await expect(call('runScenario', untrusted)).rejects.toMatchObject({
      code: 'SCENARIO_UNTRUSTED',
      message: expect.stringContaining('or give `trustScenario: true` if you trust'),
    });
  });
});

describe('a scenario as data', () => {
  const load = { executor: 'constant-arrival-rate', rate: 1, duration: '1s' };

  it.each<[string, object, RegExp]>([
    [
      'a function',
      { shows: 'x', load, retry: () => {} },
      /the scenario is not plain data: retry is a function$/,
    ],
    [
      'NaN',
      { shows: 'x', load: { ...load, rate: Number.NaN } },
      /the scenario is not plain data: rate is NaN$/,
    ],
    [
      'a Map',
      { shows: 'x', load: new Map() },
      /the scenario is not plain data: load is a Map, not an object or list$/,
    ],
  ])('that holds %s is refused, not read without it', (_, data, message) => {
    expect(() => library.loadScenario(data)).toThrow(library.UsageError);
    expect(() => library.loadScenario(data)).toThrow(message);
  });

  it('may leave a field undefined', () => {
    const { variants } = library.loadScenario({ shows: 'x', load, retry: undefined });
    expect(variants[0].scenario.retry).toBeUndefined();
  });
});

it('a class that observes may have methods of its own', async () => {
  class Watcher {
    note(): void {}
    helpItself(): void {}
  }
  const far = { ...OUT, targets: ['postgres://u@192.0.2.1/x'], env: {}, observer: new Watcher() };
  await expect(call('runScenario', far)).rejects.toMatchObject({ code: 'NOT_CONFIRMED' });
});

describe('a summary', () => {
  const counts = { due: 1 };

  it.each<[unknown, RegExp]>([
    [undefined, /^what is added to a summary must be a record of a result, got undefined$/],
    [5, /must be a record of a result, got 5$/],
    [{}, /must be a record of a result, got an empty object$/],
    [
      { type: 'interval' },
      /^what is added to a summary must be as in a result file: \w+ is missing/,
    ],
    [{ type: 'interval', steps: [{ counts }] }, /must be as in a result file: /],
    [{ type: 'step', index: -1 }, /must be as in a result file: index must be a whole number/],
    [{ type: 'end' }, /must be as in a result file: /],
    [{ type: 'decision', decision: 5 }, /must be as in a result file: atUs is missing/],
  ])('refuses %j', (record, message) => {
    const summary = library.createSummary(makeHeader());
    const add = (): void => summary.add(record as never);
    expect(add).toThrow(library.UsageError);
    expect(add).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
    expect(add).toThrow(message);
  });

  it('passes over kinds of a later version, as a file is read', () => {
    const summary = library.createSummary(makeHeader());
    summary.add({ type: 'of-a-later-version' } as never);
    expect(summary.finish().stoppedBy).toBe('interrupted');
  });
});

describe('a visitor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-visitor-'));
  const path = join(folder, 'x.ndjson');
  writeFileSync(path, `${JSON.stringify(makeHeader())}\n`);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([new TypeError('my own'), 'a text', new library.ConnstormError('internal', 'MY', 'own')])(
    'that throws %s has it thrown as it is, not told as damage of the file',
    (own) => {
      const read = (): unknown =>
        library.readResult(path, () => {
          throw own;
        });
      let caught: unknown;
      try {
        read();
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(own);
    },
  );

  it('that is async is refused, whether it fails or not', async () => {
    for (const visit of [async () => {}, () => Promise.reject(new Error('late'))]) {
      await expect(call('readResult', path, visit)).rejects.toMatchObject({
        code: 'BAD_OPTIONS',
        message: expect.stringContaining(
          'must be a function that returns at once, and it returned a promise',
        ),
      });
    }
  });

  it('may be told of a file that is damaged all the same', () => {
    const broken = join(folder, 'broken.ndjson');
    writeFileSync(broken, `${JSON.stringify(makeHeader())}\n{"type":"interval"}\n`);
    expect(() => library.readResult(broken, () => {})).toThrow(/broken\.ndjson:2 is damaged/);
  });
});
