import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { validate } from '../../src/commands/validate.ts';
import { listBuiltIns } from '../../src/scenario/file/built-ins.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { captureIo } from './captured-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = listBuiltIns()
  .map(({ name }) => name)
  .join(', ');

function writeScenario(name: string, rate: string): string {
  const path = join(folder, name);
  const load = `{ executor: constant-arrival-rate, rate: ${rate}, duration: 1s }`;
  writeFileSync(path, `shows: a\nload: ${load}\n`);
  return path;
}

it('says ok of each sound file', async () => {
  const { io, readStdout } = captureIo();
  const file = [writeScenario('a.yaml', '5'), writeScenario('b.json', '6')];
  expect(await validate.execute({ file }, io)).toEqual([]);
  expect(readStdout()).toBe(`${file[0]}: ok\n${file[1]}: ok\n`);
});

it('gives the names of files no power over the terminal', async () => {
  const { io, readStdout } = captureIo();
  const file = [writeScenario('\u001b[31m\u202e.yaml', '5')];
  await validate.execute({ file }, io);
  expect(readStdout()).toBe(`${folder}/\\x1b[31m\\u202e.yaml: ok\n`);
});

it('places what is wrong with a file of such a name in one line', async () => {
  const path = join(folder, 'a\nb:1:1 \u202e.yaml');
  const shownAs = `${folder}/a\\nb:1:1 \\u202e.yaml`;
  const missing = await runInProcess(['validate', path]);
  expect(missing.stderr).toMatch(/^connstorm: [^\n]*: neither a file nor built in [^\n]*\n$/);
  expect(missing.stderr.startsWith(`connstorm: ${shownAs}:1:1 no scenario`)).toBe(true);
  writeFileSync(path, Buffer.from([0xff]));
  const { stderr } = await runInProcess(['validate', path]);
  expect(stderr).toBe(`connstorm: ${shownAs}:1:1 is not UTF-8 text\n`);
});

it('says what a sound file needs consent for', async () => {
  const { io, readStdout } = captureIo();
  const path = writeScenario('c.yaml', '5');
  const lab = '{ postgres: { settings: { archive_command: touch x, work_mem: 1MB } } }';
  appendFileSync(path, `lab: ${lab}\n`);
  await validate.execute({ file: path }, io);
  expect(readStdout()).toBe(
    `${path}: ok, but run needs --trust-scenario for lab.postgres.settings.archive_command\n`,
  );
});

it('begins every line with a place, also where there are too many problems to tell', async () => {
  const { io } = captureIo();
  const path = join(folder, 'many.yaml');
  writeFileSync(path, Array.from({ length: 150 }, (_, index) => `x${index}: 1\n`).join(''));
  const validating = validate.execute({ file: [path, 'stedy'] }, io);
  const error: unknown = await validating.catch((thrown: unknown) => thrown);
  const lines = (error as Error).message.split('\n');
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.pop()).toMatch(/^stedy:1:1 no scenario `stedy`: .*did you mean `steady`/);
  for (const line of lines) expect(line).toMatch(/^\S+many\.yaml:\d+:\d+ \S/);
});

it('tells the problems of all files, and still says ok of the sound ones', async () => {
  const { io, readStdout } = captureIo();
  const good = writeScenario('good.yaml', '5');
  const slow = writeScenario('slow.yaml', '0');
  const odd = writeScenario('odd.yaml', 'x');
  const large = writeScenario('large.yaml', `5 #${'x'.repeat(300_000)}`);
  const missing = join(folder, 'missing.yaml');
  await expect(
    validate.execute({ file: [slow, good, missing, odd, large, folder] }, io),
  ).rejects.toMatchObject({
    code: 'SCENARIO_INVALID',
    exit: 'usage',
    message: [
      `${slow}:2:48 load.rate must be above 0, got 0`,
      `${missing}:1:1 no scenario \`${missing}\`: neither a file nor built in (${NAMES})`,
      `${odd}:2:48 load.rate must be a number, got "x"`,
      `${large}:1:1 is too large for a scenario: ${statSync(large).size} bytes, at most 65536`,
      `${folder}:1:1 is a folder: name a scenario file in it`,
    ].join('\n'),
  });
  expect(readStdout()).toBe(`${good}: ok\n`);
});

async function findFaults(name: string, text: string): Promise<string[]> {
  const { io } = captureIo();
  const path = join(folder, name);
  writeFileSync(path, text);
  const validating = validate.execute({ file: [path] }, io);
  const error: unknown = await validating.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'SCENARIO_INVALID', exit: 'usage' });
  return (error as Error).message.replaceAll(`${path}:`, '').split('\n');
}

it.each<[string, string, string[]]>([
  [
    'connection',
    `shows: x
load: { executor: constant-arrival-rate, rate: -5, duration: 1s }
connection:
  hold: { min: 5s, max: 1s }
  timeout: soon
  driver: pg
  close: reset
  queries: -1
`,
    [
      '2:48 load.rate must be above 0, got -5',
      '4:16 connection.hold.min must be at most connection.hold.max (1s), got 5s',
      '5:12 connection.timeout must be a duration such as 500ms, 10s or 1m30s, got "soon"',
      '7:10 connection.close must be terminate with connection.driver pg, got reset: use the wire driver',
      '8:12 connection.queries must be at least 0, got -1',
    ],
  ],
  [
    'hold',
    `shows: x
load: { executor: constant-arrival-rate, rate: -5, duration: 1s }
connection: { hold: 5 }
`,
    [
      '2:48 load.rate must be above 0, got -5',
      '3:21 connection.hold must have a unit (5s or 5ms?), got 5',
    ],
  ],
  [
    'blocks',
    `shows: x
load:
  a: { executor: constant-arrival-rate, rate: 0.1, duration: 1s }
  b: { executor: constant-clients, clients: 0, duration: 1s, think: { min: 2s, max: 1s } }
stop: { after: 1s, errorRate: 5 }
`,
    [
      '3:47 load.a.rate must make at least one arrival, got 0.1 per 1s for 1s',
      '4:45 load.b.clients must be at least 1, got 0',
      '4:76 load.b.think.min must be at most load.b.think.max (1s), got 2s',
      '5:31 stop.errorRate must be a share above 0 and up to 1 (0.05 for 5 %), got 5',
    ],
  ],
  [
    'retry',
    `shows: x
load: { executor: constant-arrival-rate, rate: 5, duration: 1s }
retry: { policy: fixed, base: 5s, cap: 1s, maxAttempts: 0 }
stop: { window: 5s, maxOpen: 0 }
`,
    [
      '3:1 retry.timeout is missing: with policy fixed set how long each attempt may take, such as 5s, because without a limit an attempt that gets no answer is never retried',
      '3:31 retry.base must be at most retry.cap (1s), got 5s',
      '3:57 retry.maxAttempts must be at least 1, got 0',
      '4:17 stop.window does nothing without stop.errorRate: add that, or leave window out',
      '4:30 stop.maxOpen must be at least 1, got 0',
    ],
  ],
  [
    'search',
    `shows: x
load: { executor: saturation-search }
connection: { hold: end, queries: -1 }
repeat: 3
warmUp: 2s
budgets: ["latency p(99) < x", "latency{variant:a} p(99) < 1s"]
`,
    [
      '3:21 connection.hold must not be end with saturation-search, because connections would add up from step to step: set a duration, as in 1s',
      '3:35 connection.queries must be at least 0, got -1',
      '4:9 repeat cannot be used with saturation-search, which tries each rate several times itself (load.trials), got 3: leave it at 1',
      '5:9 warmUp cannot be used with saturation-search, which begins at a low rate by itself, got 2s: leave it out',
      '6:11 budgets[0] must have a duration such as 250ms or 1.5s after <, got "latency p(99) < x"',
      '6:32 budgets[1] "latency{variant:a} p(99) < 1s" selects a variant, and the scenario has none: leave the braces out',
    ],
  ],
  [
    'variants',
    `shows: x
load: { executor: constant-arrival-rate, rate: 5, duration: 1s }
variants: { a: { connection: { queries: -1 } }, b: {} }
budgets: ["latency{variant:a} p(99) < 1s", "latency{variant:c} p(99) < 1s", "query p(99) < 1s"]
`,
    [
      '3:41 variants.a.connection.queries must be at least 0, got -1',
      '4:44 budgets[1] "latency{variant:c} p(99) < 1s" selects a variant that does not exist: there are a, b; did you mean `a`?',
      '4:77 budgets[2] "query p(99) < 1s" does not fit the scenario: variant b: there is no query without a query. Set connection.queries to 1 or more',
    ],
  ],
])('tells all faults at once: %s', async (name, text, faults) => {
  expect(await findFaults(`${name}.yaml`, text)).toEqual(faults);
});

it('says which settings no lab is started with', async () => {
  const load = 'load: { executor: constant-arrival-rate, rate: 5, duration: 1s }';
  const lab = (of: string): string => `shows: x\n${load}\nlab: { ${of} }\n`;
  expect(await findFaults('port.yaml', lab('postgres: { settings: { port: 5 } }'))).toEqual([
    '1:1 lab setting "port" is set by the lab itself and cannot be changed',
  ]);
  const pooler = lab('pgbouncer: { settings: { auth_file: x } }');
  expect(await findFaults('pooler.yaml', pooler)).toEqual([
    '1:1 lab setting "auth_file" is set by the lab itself and cannot be changed',
  ]);
});

it.each(['postgres://u:pw@h/x', 'host=h password=pw', 'direct=postgres://u@h/x'])(
  'says how a target is named: %s',
  async (file) => {
    for (const command of ['validate', 'report', 'check', 'compare', 'scenarios']) {
      const { code, stdout, stderr } = await runInProcess([command, file]);
      expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
      expect(stderr.replace(/\s+/g, ' ')).toMatch(
        /^connstorm: (a scenario|a result file|the name of a built-in scenario) is expected here: a connection string is given with --target/,
      );
    }
  },
);

it('says of a search that holds its connections what that takes', async () => {
  const { io, readStdout } = captureIo();
  const path = join(folder, 'held.yaml');
  writeFileSync(
    path,
    'shows: a\nload: { executor: saturation-search }\nconnection: { hold: 1s }\n',
  );
  await validate.execute({ file: [path] }, io);
  expect(readStdout()).toBe(
    `${path}: ok; connections that are held (1 s each) do not count in flight: at 100/s they need 100 more slots\n`,
  );
});
