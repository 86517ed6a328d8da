import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { validate } from '../../src/commands/validate.ts';
import { captureIo } from './captured-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  for (const line of lines) expect(line).toMatch(/^(\S+many\.yaml|stedy):\d+:\d+ \S/);
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
      `${missing}:1:1 no scenario \`${missing}\`: neither a file nor built in (clients, drivers, herd, pooled-vs-direct, pooled-vs-direct-capacity, postmaster-limit, quickstart, retry-storm, saturate, steady)`,
      `${odd}:2:48 load.rate must be a number, got "x"`,
      `${large}:1:1 is too large for a scenario: ${statSync(large).size} bytes, at most 65536`,
      `${folder}:1:1 is not a file`,
    ].join('\n'),
  });
  expect(readStdout()).toBe(`${good}: ok\n`);
});
