import { expect } from 'vitest';
import { escapeControls } from '../../../src/controls.ts';

/** No stack trace, nothing that moves a terminal, and an end. */
export function expectPlain(stderr: string): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('internal error');
  expect(stderr.endsWith('\n')).toBe(true);
  for (const line of stderr.split('\n')) expect(line).toBe(escapeControls(line));
}

/** Every line fits `columns`. */
export function expectLines(text: string, columns: number): void {
  for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(columns);
}
