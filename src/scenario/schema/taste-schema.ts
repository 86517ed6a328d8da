import { z } from 'zod';
import { duration } from './duration-field.ts';

/**
 * The share of the measured rate that is offered by default: far enough below saturation that queues are not what is
 * compared.
 */
const DEFAULT_SHARE = 0.33;

export const tasteSchema = z
  .strictObject({
    share: z
      .number()
      .min(0.01)
      .max(10)
      .default(DEFAULT_SHARE)
      .describe(
        'The highest rate of the load becomes this share of the rate that the slowest variant achieved. A share above 1 is an ' +
          'overload.',
      ),
    duration: duration({ atLeast: '500ms', atMost: '30s' })
      .default('2s')
      .describe('How long each variant is tried; 2,000 attempts end it earlier.'),
    clients: z
      .int()
      .min(1)
      .max(64)
      .default(8)
      .describe(
        'How many clients connect in a closed loop during the taste, without hold and retry.',
      ),
  })
  .exactOptional()
  .describe(
    'Sets the rates of the load from what the target can take. Before the first leg, clients in a closed loop connect ' +
      'to each variant for a short while. The highest rate of all blocks and variants then becomes a share of the ' +
      'rate that the slowest variant achieved, but never more than the scenario says. The other rates keep their ' +
      'ratio to it. All blocks of the load must have the executor constant-arrival-rate. A rate by flag or ' +
      'environment takes precedence.',
  );

export type Taste = NonNullable<z.output<typeof tasteSchema>>;
