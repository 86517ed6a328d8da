import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scenarios } from '../../src/commands/scenarios.ts';
import { listBuiltIns } from '../../src/scenario/file/built-ins.ts';
import { captureIo } from './captured-io.ts';

const NAMES = listBuiltIns()
  .map(({ name }) => name)
  .join(', ');

it.each([
  [undefined, 80],
  [200, 80],
  [60, 60],
  [40, 40],
])('lists every built-in with what it shows, in %s columns within %i', async (columns, most) => {
  const { io, readStdout } = captureIo();
  Object.assign(io.stdout, { columns });
  expect(await scenarios.execute({}, io)).toEqual([]);
  const text = readStdout();
  for (const { name } of listBuiltIns())
    expect(text).toMatch(new RegExp(`^  ${name}\\s+[A-Z]`, 'm'));
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(most);
});

it.each(listBuiltIns())('prints the file of $name as it is', async ({ name, path }) => {
  const { io, readStdout } = captureIo();
  expect(await scenarios.execute({ name }, io)).toEqual([]);
  expect(readStdout()).toBe(readFileSync(path, 'utf8'));
});

it('tells the nearest of an unknown name', async () => {
  const { io } = captureIo();
  await expect(scenarios.execute({ name: 'quikstart' }, io)).rejects.toMatchObject({
    exit: 'usage',
    message: `no built-in scenario \`quikstart\`: there are ${NAMES}; did you mean \`quickstart\`?`,
  });
});
