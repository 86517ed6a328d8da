import { expect } from 'vitest';
import { escapeControls } from '../../../src/controls.ts';
import type { CliResult } from './cli.ts';

/**
 * A run came to its end. A busy machine may have made the measurement invalid, though its server is slow: its report says so,
 * and so does the exit code. Returns whether it is valid.
 */
export function expectEnded({ code, stdout, stderr }: CliResult): boolean {
  const said = `${stdout}${stderr}`;
  const isValid = !/\bINVALID\b|"valid":false|the run is invalid/.test(said);
  expect(code, said).toBe(isValid ? 0 : 111);
  return isValid;
}

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
