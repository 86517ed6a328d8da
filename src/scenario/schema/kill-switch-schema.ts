import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { duration } from './duration-field.ts';

const BOUNDS = { atLeast: '10ms', atMost: '10m' };
const CANARY_LIMIT = '2s';
const WITNESS_LIMIT = '5s';

const limits = z.strictObject({
  canary: duration(BOUNDS)
    .default(CANARY_LIMIT)
    .describe(
      'How long the canary may wait for an answer. If it waits longer three times in a row, the run stops.',
    ),
  witness: duration(BOUNDS)
    .default(WITNESS_LIMIT)
    .describe(
      'How long a new connection may take. If it takes longer three times in a row, the run stops.',
    ),
});

export const killSwitchSchema = z
  .union([z.boolean(), limits], { error: 'must be true, false or a map of canary and witness' })
  .exactOptional()
  .describe(
    'Sees the server as other clients see it: it sends a query every 0.1 s on a connection opened before the storm ' +
      '(the canary), and opens a new connection once a second (the witness). The run stops, with exit code 108, when ' +
      'the canary loses its connection, when the witness is refused because no slot is free or the server starts or ' +
      'stops, when the witness gets no answer from the server three times in a row, or when one of them is slower than ' +
      `its limit three times in a row (canary: ${CANARY_LIMIT}, witness: ${WITNESS_LIMIT} by default). In a ` +
      'saturation-search slowness only ends the step, which counts as not sustained; the search goes on once the ' +
      'server answers in time again. Default: true, but false for the lab. If there are several hosts, only the first ' +
      'is watched.',
  );

/** The longest times of the canary and the witness before they count as slow. */
export interface WatchLimits {
  canaryUs: number;
  witnessUs: number;
}

/** Returns the limits of a kill switch; undefined if it is off. `isOn`: the default if the scenario does not set it. */
export function planWatch(
  killSwitch: z.output<typeof killSwitchSchema> | undefined,
  { isOn }: { isOn: boolean },
): WatchLimits | undefined {
  if (killSwitch === false || (killSwitch === undefined && !isOn)) return undefined;
  const { canary, witness } = typeof killSwitch === 'object' ? killSwitch : limits.parse({});
  return { canaryUs: parseDuration(canary), witnessUs: parseDuration(witness) };
}
