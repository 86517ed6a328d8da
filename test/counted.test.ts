import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { formatCounted, nounOf } from '../src/counted.ts';

it.each([
  [0, '0 connects'],
  [1, '1 connect'],
  [2, '2 connects'],
  [1.5, '1.5 connects'],
  [1400, '1,400 connects'],
])('%d is %s', (count, text) => {
  expect(formatCounted(count, 'connect')).toBe(text);
});

it('knows plurals of other kinds', () => {
  expect(formatCounted(1, 'process', 'processes')).toBe('1 process');
  expect(formatCounted(2, 'process', 'processes')).toBe('2 processes');
  expect(nounOf(1, 'try', 'tries')).toBe('try');
});

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const NOUNS =
  'connects|arrivals|clients|workers|rounds|attempts|connections|sessions|hosts|legs|slots|backends|problems';

/** Where the count is never 1, or the line says itself what 1 is called. */
const CHECKED = [
  /\bMAX_|\bFEWEST_|\bMOST_/,
  /=== 1 \?/,
  /\} hosts`;|legs would share that lab|LOOK_EVERY|\.length\} variants in turn|few\.join|toFixed|\bformat\(|\.format\(/,
  /^\s*\*/,
];

it('every count before a noun goes through it', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(join(SRC, file), 'utf8').split('\n'))
    .filter((line) => new RegExp(`\\$\\{[^}]*\\} (?:more |free )?(?:${NOUNS})\\b(?!/s)`).test(line))
    .filter((line) => !CHECKED.some((pattern) => pattern.test(line)));
  expect(found).toEqual([]);
});
