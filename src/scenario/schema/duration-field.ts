import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../duration.ts';

/** Scenario fields that hold a duration, and the messages about values that are none. */

export const DURATION_EXAMPLES = '500ms, 10s or 1m30s';

export interface DurationBounds {
  atLeast: string;
  atMost: string;
}

export function duration(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input, bounds) })
    .regex(DURATION_PATTERN, { error: `must be a duration such as ${DURATION_EXAMPLES}` })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

/** Builds the schema of a duration or the word `end`. */
export function durationOrEnd(bounds: DurationBounds) {
  return z
    .string({ error: ({ input }) => describeDurationError(input, bounds) })
    .regex(new RegExp(`^end$|${DURATION_PATTERN.source}`), {
      error: `must be a duration such as ${DURATION_EXAMPLES}, or end`,
    })
    .superRefine((text, context) => checkBounds(text, bounds, context));
}

/** Describes what is wrong with a value that is no text. It advises a unit only if the number may have it. */
export function describeDurationError(input: unknown, bounds: DurationBounds): string {
  if (typeof input !== 'number') return `must be a duration such as ${DURATION_EXAMPLES}`;
  const meant = [`${input}s`, `${input}ms`].filter(
    (text) => findBreach(text, bounds) === undefined,
  );
  return meant.length === 0
    ? `must be a duration from ${bounds.atLeast} to ${bounds.atMost}`
    : `must have a unit (${meant.join(' or ')}?)`;
}

function checkBounds(text: string, bounds: DurationBounds, context: z.RefinementCtx): void {
  const message = DURATION_PATTERN.test(text) ? findBreach(text, bounds) : undefined;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}

/** Returns why the text is no duration within the bounds; undefined if it is one. */
function findBreach(text: string, { atLeast, atMost }: DurationBounds): string | undefined {
  if (!DURATION_PATTERN.test(text)) return `must be a duration such as ${DURATION_EXAMPLES}`;
  const us = parseDuration(text);
  if (us < parseDuration(atLeast)) return `must be at least ${atLeast}`;
  return us > parseDuration(atMost) ? `must be at most ${atMost}` : undefined;
}
