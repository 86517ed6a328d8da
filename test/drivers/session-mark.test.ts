import { expect, it } from 'vitest';
import { createMark, markName } from '../../src/drivers/session-mark.ts';

it('makes another mark for each run, which needs no escaping in SQL', () => {
  const marks = Array.from({ length: 100 }, createMark);
  expect(new Set(marks).size).toBe(100);
  for (const mark of marks) expect(mark).toMatch(/^\/[0-9a-f]{12}$/);
});

it.each([
  ['connstorm', 'connstorm/0123456789ab'],
  ['', '/0123456789ab'],
  ['n'.repeat(63), `${'n'.repeat(50)}/0123456789ab`],
  // PostgreSQL replaces such characters by others, of another length.
  ['überlast', 'connstorm/0123456789ab'],
])('ends the name %j with it, in 63 bytes', (name, marked) => {
  expect(markName(name, '/0123456789ab')).toBe(marked);
});
