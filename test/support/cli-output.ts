import { expect } from 'vitest';

/** No stack trace, and every line short enough to be one. */
export function expectPlain(stderr: string): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('internal error');
  expect(stderr.endsWith('\n')).toBe(true);
}

/** Every line fits `columns`. */
export function expectLines(text: string, columns: number): void {
  for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(columns);
}
