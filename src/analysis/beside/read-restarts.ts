import type { EventSummary } from '../../result/records/events.ts';
import type { Reading } from '../readings/reading.ts';

/**
 * Returns the longest time from the beginning of a restart until a moment of it; null if no restart came to its end.
 *
 * @param momentOf returns the moment, in microseconds since T0
 */
export function readRestarts(
  events: readonly EventSummary[],
  momentOf: (event: EventSummary) => number | undefined,
): Reading {
  const times = events.flatMap((event) => {
    const us = event.kind === 'restart' && event.state === 'done' ? momentOf(event) : undefined;
    return us === undefined ? [] : [us - event.fromUs];
  });
  if (times.length === 0) return null;
  const us = Math.max(...times);
  return { low: us, high: us, of: times.length };
}
