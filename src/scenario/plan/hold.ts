import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { DURATION_PATTERN, parseDuration } from '../duration.ts';
import type { Scenario } from '../schema/schema.ts';
import { createRandom } from './random.ts';

/** Holds spread evenly over [minUs, maxUs], both included. */
export interface UniformHold {
  minUs: number;
  maxUs: number;
}

/** How long a connection is kept once it is ready: microseconds, drawn for each, or `end`: until the run ends. */
export type Hold = number | 'end' | UniformHold;

/**
 * The hold of the connection of one arrival: the same in every run and on any number of workers.
 * @param seed of the arrival's block, an unsigned 32-bit integer: arrivals of two blocks have the same numbers
 */
export function drawHoldUs(
  hold: Hold,
  { seed, index }: { seed: number; index: number },
): number | 'end' {
  if (typeof hold !== 'object') return hold;
  const { minUs, maxUs } = hold;
  // An odd factor keeps the seeds of different arrivals different; + 1, or arrival 0 would repeat the schedule's stream.
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
 * What to know of a search that holds its connections: its cap is on what is in flight, and what is held takes slots beside that, as
 * many as the rate times the hold (Little's law). Undefined where nothing is held.
 */
export function noteHeld(hold: Hold): string | undefined {
  const longestUs = typeof hold === 'object' ? hold.maxUs : hold;
  if (longestUs === 'end' || longestUs === 0) return undefined;
  const most = typeof hold === 'object' ? `up to ${formatSpan(longestUs)}` : formatSpan(longestUs);
  const slots = Math.ceil((EXAMPLE_PER_SECOND * longestUs) / 1_000_000);
  return `connections that are held (${most} each) do not count in flight: at ${EXAMPLE_PER_SECOND}/s they need ${slots} more ${nounOf(slots, 'slot')}`;
}

/** The hold of a scenario that nobody has checked, as that of a result; undefined where it is none. */
export function readHold({ connection }: Record<string, unknown>): Hold | undefined {
  const { hold } = (connection ?? {}) as { hold?: unknown };
  const isTime = (it: unknown): it is string => typeof it === 'string' && DURATION_PATTERN.test(it);
  if (hold === 'end' || isTime(hold)) return planHold(hold);
  if (typeof hold !== 'object' || hold === null) return undefined;
  const { min, max } = hold as { min?: unknown; max?: unknown };
  return isTime(min) && isTime(max) ? planHold({ min, max }) : undefined;
}
