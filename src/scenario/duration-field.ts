import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

/** Fields of the scenario file that hold a duration, and what is said of one that does not. */

export const DURATION_EXAMPLES = '500ms, 10s or 1m30s';

export interface DurationBounds {
  atLeast: string;
  atMost: string;
}

export function duration(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input) })
    .regex(DURATION_PATTERN, { error: `must be a duration such as ${DURATION_EXAMPLES}` })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

/** A duration, or the word `end`. */
export function durationOrEnd(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input) })
    .regex(new RegExp(`^end$|${DURATION_PATTERN.source}`), {
      error: `must be a duration such as ${DURATION_EXAMPLES}, or end`,
    })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

export function describeDurationError(input: unknown): string {
  return typeof input === 'number'
    ? `must have a unit (${input}s or ${input}ms?)`
    : `must be a duration such as ${DURATION_EXAMPLES}`;
}

function checkBounds(text: string, bounds: DurationBounds, context: z.RefinementCtx): void {
  if (!DURATION_PATTERN.test(text)) return;
  const us = parseDuration(text);
  if (us < parseDuration(bounds.atLeast)) {
    context.addIssue({ code: 'custom', message: `must be at least ${bounds.atLeast}` });
  }
  if (us > parseDuration(bounds.atMost)) {
    context.addIssue({ code: 'custom', message: `must be at most ${bounds.atMost}` });
  }
}
