/**
 * Errors for people, with stable codes, and the one table of exit codes. Codes are part of the interface; the wording
 * of messages is not.
 */

import { escapeControls } from './controls.ts';
import { maskSecrets } from './secrets.ts';

/** Every exit code that connstorm can end with. Where the meaning is the same as in k6, the number is the same. */
export const EXIT_CODES = {
  done: 0,
  internal: 1,
  budgetBroken: 99,
  usage: 104,
  interrupted: 105,
  stopCondition: 108,
  invalid: 111,
  regression: 112,
  inconclusive: 113,
  unreachable: 114,
} as const;

export type ExitReason = keyof typeof EXIT_CODES;
export type ExitCode = (typeof EXIT_CODES)[ExitReason];

/** Meaning of each exit code. If several apply, the first in this order is used. Help and the docs show this table. */
export const EXIT_MEANINGS: readonly { reason: Exclude<ExitReason, 'done'>; meaning: string }[] = [
  { reason: 'internal', meaning: 'connstorm itself failed, or its output could not be written' },
  {
    reason: 'usage',
    meaning: 'wrong usage, a wrong scenario or file, or a target that a safety check refuses',
  },
  {
    reason: 'unreachable',
    meaning: 'the target cannot be reached, or refuses the login before the run',
  },
  { reason: 'interrupted', meaning: 'interrupted; what was measured is kept' },
  {
    reason: 'stopCondition',
    meaning:
      'stopped by a condition of the scenario, by an event of it that failed, or by the kill switch',
  },
  { reason: 'invalid', meaning: 'the measurement is invalid, or no connect succeeded' },
  { reason: 'budgetBroken', meaning: 'a budget failed, or could not be judged' },
  {
    reason: 'regression',
    meaning:
      'compare found that something is slower than its baseline, or sustains fewer connects a second',
  },
  {
    reason: 'inconclusive',
    meaning: 'compare --require-verdict: the verdict is not known, or there is none',
  },
];

/** Returns the exit code of a command to which all of `reasons` apply; 0 if there is none. */
export function decideExitCode(reasons: Iterable<ExitReason>): ExitCode {
  return EXIT_CODES[pickReason(reasons)];
}

/** Returns the reason that decides the exit code; `done` if there is none. */
export function pickReason(reasons: Iterable<ExitReason>): ExitReason {
  const held = new Set(reasons);
  return EXIT_MEANINGS.find(({ reason }) => held.has(reason))?.reason ?? 'done';
}

/**
 * An error for people: one line (several problems: one line each), without a stack. A program that calls the library
 * may log it, so passwords in its message are masked from the start. Any other error is a defect of connstorm and ends
 * with exit code 1.
 */
export class ConnstormError extends Error {
  override readonly name: string = 'ConnstormError';
  /** Stable code for programs, e.g. `SCENARIO_INVALID`. */
  readonly code: string;
  readonly exit: ExitReason;

  constructor(exit: ExitReason, code: string, message: string, options?: { cause?: unknown }) {
    super(maskSecrets(message), options);
    this.exit = exit;
    this.code = code;
  }
}

/** Wrong flags, fields or files, or a target that a safety check refuses: exit code 104. */
export class UsageError extends ConnstormError {
  override readonly name = 'UsageError';

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super('usage', code, message, options);
  }
}

/**
 * The target cannot be reached, or refuses the login before the run: exit code 114. The message quotes the target, so
 * it is kept to one line and cannot control a terminal.
 */
export class UnreachableError extends ConnstormError {
  override readonly name = 'UnreachableError';

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super('unreachable', code, escapeControls(message), options);
  }
}
