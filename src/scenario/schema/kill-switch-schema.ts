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
      'How long the canary may wait for an answer; three times longer in a row stop the run.',
    ),
  witness: duration(BOUNDS)
    .default(WITNESS_LIMIT)
    .describe('How long a new connection may take; three times longer in a row stop the run.'),
});

export const killSwitchSchema = z
  .union([z.boolean(), limits], { error: 'must be true, false or a map of canary and witness' })
  .exactOptional()
  .describe(
    'Watches the server through the eyes of others: a query every 0.1 s on a connection opened before the storm (the ' +
      'canary), and a new connection a second (the witness). Stops the run, with exit code 108, when the canary dies, ' +
      'when the witness is refused for want of slots, or when one of them is slower than its limit three times in a row: ' +
      `canary, ${CANARY_LIMIT} unless set, and witness, ${WITNESS_LIMIT} unless set. In a saturation-search such slowness ends ` +
      'the step, which counts as not sustained; the search goes on once the server answers in time again. Without ' +
      'killSwitch: true, but for the lab. Of several hosts the first is watched.',
  );

/** How long canary and witness may take. */
export interface WatchLimits {
  canaryUs: number;
  witnessUs: number;
}

/** The limits of a kill switch; undefined where it is off. `isOn`: whether it is where nobody says. */
export function planWatch(
  killSwitch: z.output<typeof killSwitchSchema> | undefined,
  { isOn }: { isOn: boolean },
): WatchLimits | undefined {
  if (killSwitch === false || (killSwitch === undefined && !isOn)) return undefined;
  const { canary, witness } = typeof killSwitch === 'object' ? killSwitch : limits.parse({});
  return { canaryUs: parseDuration(canary), witnessUs: parseDuration(witness) };
}
