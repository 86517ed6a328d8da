import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { DURATION_PATTERN, parseDuration } from '../duration.ts';
import type { Scenario } from '../schema/schema.ts';
import { createRandom } from './random.ts';

/** Holds drawn evenly from [minUs, maxUs], both included. */
export interface UniformHold {
  minUs: number;
  maxUs: number;
}

/**
 * The time that a connection is kept once it is ready: microseconds, a range from which each hold is drawn, or `end`
 * (until the run ends).
 */
export type Hold = number | 'end' | UniformHold;

/**
 * Returns the hold of an arrival's connection: the same in every run and with any number of workers.
 * @param seed the seed of the arrival's block, an unsigned 32-bit integer; arrivals of two blocks have the same indexes
 */
export function drawHoldUs(
  hold: Hold,
  { seed, index }: { seed: number; index: number },
): number | 'end' {
  if (typeof hold !== 'object') return hold;
  const { minUs, maxUs } = hold;
  // An odd factor gives different arrivals different seeds. Without + 1, arrival 0 would repeat the schedule's stream.
  const random = createRandom(seed ^ Math.imul(index + 1, 0x9e3779b1));
  return minUs + Math.floor(random() * (maxUs - minUs + 1));
}

export function planHold(hold: Scenario['connection']['hold']): Hold {
  if (hold === 'end') return 'end';
  if (typeof hold === 'string') return parseDuration(hold);
  return { minUs: parseDuration(hold.min), maxUs: parseDuration(hold.max) };
}

const EXAMPLE_PER_SECOND = 100;

/**
 * Returns a note about a search that holds its connections; undefined if it holds none. The search's cap counts only
 * what is in flight. Held connections need more slots: the rate times the hold (Little's law).
 */
export function noteHeld(hold: Hold): string | undefined {
  const longestUs = typeof hold === 'object' ? hold.maxUs : hold;
  if (longestUs === 'end' || longestUs === 0) return undefined;
  const most = typeof hold === 'object' ? `up to ${formatSpan(longestUs)}` : formatSpan(longestUs);
  const slots = Math.ceil((EXAMPLE_PER_SECOND * longestUs) / 1_000_000);
  return `connections that are held (${most} each) do not count in flight: at ${EXAMPLE_PER_SECOND}/s they need ${slots} more ${nounOf(slots, 'slot')}`;
}

/** Reads the hold of an unchecked scenario, such as the one in a result; undefined if it has none. */
export function readHold({ connection }: Record<string, unknown>): Hold | undefined {
  const { hold } = (connection ?? {}) as { hold?: unknown };
  const isTime = (it: unknown): it is string => typeof it === 'string' && DURATION_PATTERN.test(it);
  if (hold === 'end' || isTime(hold)) return planHold(hold);
  if (typeof hold !== 'object' || hold === null) return undefined;
  const { min, max } = hold as { min?: unknown; max?: unknown };
  return isTime(min) && isTime(max) ? planHold({ min, max }) : undefined;
}
