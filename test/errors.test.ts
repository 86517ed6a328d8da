import { describe, expect, it } from 'vitest';
import {
  decideExitCode,
  EXIT_CODES,
  EXIT_MEANINGS,
  type ExitReason,
  UnreachableError,
  UsageError,
} from '../src/errors.ts';

/** As documented: where several hold, the first. */
const ORDER = [1, 104, 114, 105, 108, 111, 99, 112, 113];

const reasonOf = new Map(
  Object.entries(EXIT_CODES).map(([reason, code]) => [code as number, reason as ExitReason]),
);

const PAIRS = ORDER.flatMap((first, index) =>
  ORDER.slice(index + 1).map((second) => [first, second] as const),
);

describe('decideExitCode', () => {
  it.each(PAIRS)('says %i where %i holds too', (first, second) => {
    const reasons = [first, second].flatMap((code) => reasonOf.get(code) ?? []);
    expect(reasons).toHaveLength(2);
    expect(decideExitCode(reasons)).toBe(first);
    expect(decideExitCode(reasons.reverse())).toBe(first);
  });

  it('says 0 where nothing holds, and the code of one that holds alone', () => {
    expect(decideExitCode([])).toBe(0);
    for (const [code, reason] of reasonOf) expect(decideExitCode([reason])).toBe(code);
  });

  it('has a meaning for every code, in their order', () => {
    expect(EXIT_MEANINGS.map(({ reason }) => EXIT_CODES[reason])).toEqual(ORDER);
    expect([...reasonOf.keys()].sort((a, b) => a - b)).toEqual([0, ...ORDER].sort((a, b) => a - b));
  });
});

it.each([UsageError, UnreachableError])('%s quotes no password, to a program either', (Kind) => {
  const error = new Kind('CODE', 'no scenario `postgres://u:hush@h/d`, nor password=hush');
  expect(error.message).toBe('no scenario `postgres://u:***@h/d`, nor password=***');
  expect(error.stack).not.toContain('hush');
});
